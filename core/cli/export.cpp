// risetime export TABLE --format csv|jsonl
#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstring>

#include "core/base/text.hpp"
#include "core/cli/command.hpp"
#include "core/pipeline/rows.hpp"

namespace risetime::core {

namespace {

// Bytes have no text form in CSV and JSON: hexadecimal for pictures, numbers for vectors.
std::string binary_text(const std::string& table, std::string_view bytes) {
  if (table == "feature") {
    std::string list = "[";
    for (std::size_t at = 0; at + sizeof(float) <= bytes.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, bytes.data() + at, sizeof value);
      list += (at == 0 ? "" : ",") + Json::number_text(static_cast<double>(value));
    }
    return list + "]";
  }
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return hex;
}

Json cell(const std::string& table, const Column& column, std::size_t row) {
  return json_of(column, row, [&](std::string_view bytes) { return binary_text(table, bytes); });
}

std::string csv_text(const Json& value) {
  if (value.is_null()) return "";
  std::string text;
  if (const auto* items = value.if_array()) {
    for (const Json& item : *items) text += (text.empty() ? "" : "|") + csv_text(item);
  } else {
    text = value.if_string() != nullptr ? *value.if_string() : value.dump();
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

struct ExportOptions {
  std::string table, format = "csv", file;
};

std::string header_line(const Table& table) {
  std::string line;
  for (const Field& field : table.fields) line += (line.empty() ? "" : ",") + field.name;
  return line + "\n";
}

std::string row_text(const Table& table, const Batch& batch, std::size_t row, bool csv) {
  Json object = Json::object();
  std::string line;
  for (std::size_t i = 0; i < table.fields.size(); ++i) {
    const Column* column = batch.find(table.fields[i].name);
    Json value = column == nullptr ? Json() : cell(table.name, *column, row);
    if (csv) {
      line += (i == 0 ? "" : ",") + csv_text(value);
    } else {
      object[table.fields[i].name] = std::move(value);
    }
  }
  return (csv ? line : object.dump()) + "\n";
}

int run(Session& session, const ExportOptions& options) {
  const auto tables = catalog_tables();
  std::vector<std::string> names;
  const Table* table = nullptr;
  for (const Table& known : tables) {
    names.push_back(known.name);
    if (known.name == options.table || known.name + "s" == options.table) table = &known;
  }
  if (table == nullptr) {
    const auto near = did_you_mean(options.table, names);
    throw Error(Code::config, options.table,
                "there is no such table" + (near ? "; did you mean \"" + *near + "\"?" : "") +
                    " Tables: " + join_words(names, "and"));
  }
  std::FILE* out = options.file.empty() ? stdout : std::fopen(options.file.c_str(), "wb");
  if (out == nullptr) throw Error(Code::io, options.file, std::string("it cannot be written: ") + std::strerror(errno));
  const bool csv = options.format == "csv";
  bool is_written = true;
  const auto write = [&](const std::string& text) {
    is_written = is_written && std::fwrite(text.data(), 1, text.size(), out) == text.size();
  };
  if (csv) write(header_line(*table));
  for_each_batch(session.project().catalog().store(), {table->name, {}, {}}, [&](const Batch& batch) {
    for (std::size_t row = 0; row < batch.rows(); ++row) write(row_text(*table, batch, row, csv));
  });
  is_written = std::fflush(out) == 0 && is_written;
  if (out != stdout) is_written = std::fclose(out) == 0 && is_written;
  if (!is_written)
    throw Error(Code::io, options.file.empty() ? "standard output" : options.file, "it could not be written whole");
  return exit_done;
}

}  // namespace

void add_export_command(CLI::App& app, Run& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App* command = app.add_subcommand("export", "Any table as CSV or JSON Lines");
  command
      ->add_option("TABLE", options->table,
                   "channel, video, observation, thumbnail, presence, feature, forecast, reject or progress")
      ->required();
  command->add_option("--format", options->format, "csv or jsonl")
      ->check(CLI::IsMember({"csv", "jsonl"}))
      ->capture_default_str();
  command->add_option("-o,--output", options->file, "A file instead of standard output");
  command->callback([&chosen, options] { chosen = [options](Session& session) { return run(session, *options); }; });
}

}  // namespace risetime::core
