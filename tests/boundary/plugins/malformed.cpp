// A source whose batch has the defect that its setting `defect` names: for the test that the host checks every array
// before it reads it.
#include <functional>
#include <risetime/plugin.hpp>

namespace risetime::boundary {

struct DefectOptions {
  std::string defect;
  static constexpr auto fields = risetime::fields(field("defect", &DefectOptions::defect, "What is wrong."));
};

// Two rows of: text utf8, number int64, texts list<utf8>, vector fixed_size_list<float32>[2]. All buffers lie in this
// object; one defect is put into it before it goes out.
struct MalformedBatch {
  std::int32_t text_offsets[3] = {0, 2, 4};
  char text_bytes[5] = "abcd";
  std::int64_t numbers[2] = {1, 2};
  std::int32_t list_offsets[3] = {0, 1, 2};
  std::int32_t item_offsets[3] = {0, 1, 2};
  char item_bytes[3] = "xy";
  float floats[4] = {1, 2, 3, 4};

  const void* text_buffers[3] = {nullptr, text_offsets, text_bytes};
  const void* number_buffers[2] = {nullptr, numbers};
  const void* list_buffers[2] = {nullptr, list_offsets};
  const void* item_buffers[3] = {nullptr, item_offsets, item_bytes};
  const void* vector_buffers[1] = {nullptr};
  const void* float_buffers[2] = {nullptr, floats};
  const void* batch_buffers[1] = {nullptr};

  ArrowArray item = array(2, 3, item_buffers), float_item = array(4, 2, float_buffers);
  ArrowArray* list_children[1] = {&item};
  ArrowArray* vector_children[1] = {&float_item};
  ArrowArray columns[4] = {array(2, 3, text_buffers), array(2, 2, number_buffers), array(2, 2, list_buffers),
                           array(2, 1, vector_buffers)};
  ArrowArray* children[5] = {&columns[0], &columns[1], &columns[2], &columns[3], nullptr};

  ArrowSchema item_field = schema("u", "item"), float_field = schema("f", "item");
  ArrowSchema* list_fields[1] = {&item_field};
  ArrowSchema* vector_fields[1] = {&float_field};
  ArrowSchema fields[4] = {schema("u", "text"), schema("l", "number"), schema("+l", "texts"), schema("+w:2", "vector")};
  ArrowSchema* field_pointers[5] = {&fields[0], &fields[1], &fields[2], &fields[3], nullptr};

  MalformedBatch(const MalformedBatch&) = delete;  // everything points into this object
  MalformedBatch& operator=(const MalformedBatch&) = delete;
  MalformedBatch() {
    attach(columns[2], fields[2], list_children, list_fields);
    attach(columns[3], fields[3], vector_children, vector_fields);
  }

  static void released(ArrowArray* array) { array->release = nullptr; }
  static void released(ArrowSchema* schema) { schema->release = nullptr; }
  static ArrowArray array(std::int64_t length, std::int64_t count, const void** buffers) {
    ArrowArray made{};
    made.length = length;
    made.n_buffers = count;
    made.buffers = buffers;
    made.release = released;
    return made;
  }
  static ArrowSchema schema(const char* format, const char* name) {
    ArrowSchema made{};
    made.format = format;
    made.name = name;
    made.release = released;
    return made;
  }
  static void attach(ArrowArray& array, ArrowSchema& schema, ArrowArray** children, ArrowSchema** fields) {
    array.n_children = schema.n_children = 1;
    array.children = children;
    schema.children = fields;
  }
};

// Puts one defect in; throws for a name that is not known, so that a test cannot pass by a slip of the pen.
void spoil(MalformedBatch& batch, ArrowArray& whole, ArrowSchema& schema, const std::string& defect) {
  ArrowArray &text = batch.columns[0], &number = batch.columns[1], &list = batch.columns[2], &vector = batch.columns[3];
  const std::pair<const char*, std::function<void()>> all[] = {
      {"none", [] {}},
      {"negative length", [&] { whole.length = -1; }},
      {"huge length", [&] { whole.length = INT64_MAX; }},
      {"negative offset", [&] { whole.offset = -1; }},
      {"null rows", [&] { whole.null_count = 1; }},
      {"fewer arrays than fields", [&] { whole.n_children = 3; }},
      {"more arrays than fields", [&] { whole.n_children = 5; }},
      {"no children", [&] { whole.children = nullptr; }},
      {"a missing array", [&] { batch.children[1] = nullptr; }},
      {"a missing field", [&] { batch.field_pointers[1] = nullptr; }},
      {"a field without a name", [&] { batch.fields[1].name = nullptr; }},
      {"a schema that is no struct", [&] { schema.format = "l"; }},
      {"a schema without a format", [&] { schema.format = nullptr; }},
      {"a released schema", [&] { schema.release = nullptr; }},
      {"a released array", [&] { whole.release = nullptr; }},
      {"a released column", [&] { number.release = nullptr; }},
      {"a short column", [&] { number.length = 1; }},
      {"a column of negative length", [&] { number.length = -2; }},
      {"a column of negative offset", [&] { number.offset = -2; }},
      {"too many nulls", [&] { number.null_count = 3; }},
      {"nulls without a bitmap", [&] { number.null_count = 1; }},
      {"too few buffers", [&] { text.n_buffers = 2; }},
      {"no buffers", [&] { text.buffers = nullptr; }},
      {"no data buffer", [&] { batch.number_buffers[1] = nullptr; }},
      {"no text buffer", [&] { batch.text_buffers[2] = nullptr; }},
      {"no offsets", [&] { batch.text_buffers[1] = nullptr; }},
      {"offsets that decrease", [&] { batch.text_offsets[1] = 9; }},
      {"a negative text offset", [&] { batch.text_offsets[0] = -4; }},
      {"text that is not UTF-8", [&] { batch.text_bytes[2] = static_cast<char>(0xC0); }},
      {"a list without its child", [&] { list.children[0] = nullptr; }},
      {"a list without children", [&] { list.n_children = 0; }},
      {"a list beyond its child", [&] { batch.list_offsets[2] = 3; }},
      {"a list of text that is not UTF-8", [&] { batch.item_bytes[0] = static_cast<char>(0xFF); }},
      {"a vector beyond its child", [&] { batch.float_item.length = 3; }},
      {"a vector of huge length", [&] { vector.length = std::int64_t{1} << 40; }},
      {"an unexpected dictionary", [&] { number.dictionary = &text; }},
  };
  for (const auto& [name, apply] : all)
    if (defect == name) return apply();
  throw Error(Code::config, "defect", "there is no defect called \"" + defect + "\"");
}

// Written against the boundary itself: the author's layer has no way to hand over such a batch.
struct MalformedSource {
  static constexpr Info info{"malformed", "1.0.0", "Hands over a batch with a defect."};
  Pull pull(std::string_view, std::size_t, Rows&);  // for the note's list of capabilities only

  std::string defect;
  std::unique_ptr<MalformedBatch> batch;

  risetime_status hand_over(const risetime_rows& out, risetime_error* error) {
    batch = std::make_unique<MalformedBatch>();
    ArrowArray whole = MalformedBatch::array(2, 1, batch->batch_buffers);
    ArrowSchema schema = MalformedBatch::schema("+s", "");
    whole.n_children = schema.n_children = 4;
    whole.children = batch->children;
    schema.children = batch->field_pointers;
    spoil(*batch, whole, schema, defect);
    return out.batch(out.context, abi::text("video"), &whole, &schema, error);
  }
};

risetime_status create(const risetime_host*, risetime_text config, void** instance, risetime_error* error) {
  return abi::guarded(error, [&] {
    auto made = std::make_unique<MalformedSource>();
    made->defect = config::read<DefectOptions>(abi::view(config)).defect;
    *instance = made.release();
  });
}
void destroy(void* instance) { delete static_cast<MalformedSource*>(instance); }

risetime_status pull(void* instance, risetime_bytes, std::uint64_t, const risetime_rows* out, risetime_error* error) {
  return abi::guarded(error, [&] {
    const auto status = static_cast<MalformedSource*>(instance)->hand_over(*out, error);
    return status < 0 ? status : RISETIME_END;
  });
}

const void* capability(const char* id) {
  static const risetime_source source = {sizeof(risetime_source), pull};
  return std::string_view(id) == RISETIME_SOURCE_ID ? &source : nullptr;
}

}  // namespace risetime::boundary

extern "C" __attribute__((visibility("default"))) const risetime_plugins* risetime_plugin_v1(void) {
  using risetime::boundary::MalformedSource;
  static const risetime_plugin plugin = {
      sizeof(risetime_plugin),       MalformedSource::info.id,      MalformedSource::info.version,
      MalformedSource::info.summary, MalformedSource::info.license, R"({"type": "object"})",
      risetime::boundary::create,    risetime::boundary::destroy,   risetime::boundary::capability};
  static const risetime_plugin* const each[] = {&plugin};
  static const risetime_plugins all = {sizeof(risetime_plugins), RISETIME_ABI_MAJOR, RISETIME_ABI_MINOR, 1, each};
  return &all;
}

namespace {
__attribute__((section(".note.risetime"), used, aligned(4))) constexpr risetime::plugin::Note risetime_note =
    risetime::plugin::make_note<risetime::boundary::MalformedSource>();
}
