/* A plugin in plain C, and what can be odd about one: each -DODD_... makes another file that the host must refuse with
 * a sentence of its own. Without any it is a good plugin, which shows that C suffices. */
#include <risetime/abi.h>
#include <string.h>

#ifndef ODD_NOTE
#define ODD_NOTE "abi 1.0\nminimum 1.0\ncompiler cc\nlibrary none\nplugin odd 1.0.0 risetime.source/1\nsummary Odd.\n"
#endif

#ifndef ODD_NO_NOTE
/* The layout of an ELF note: sizes of name and text, type, name (padded to 4 bytes), text. */
struct odd_note {
  uint32_t name_size, text_size, type;
  char name[12];
  char text[256];
};
__attribute__((section(".note.risetime"), used, aligned(4))) static const struct odd_note note = {9, 256, 1, "risetime",
                                                                                                  ODD_NOTE};
#endif

static risetime_status create(const struct risetime_host* host, struct risetime_text config, void** instance,
                              struct risetime_error* error) {
  (void)host;
  (void)config;
#ifdef ODD_SILENT_ERROR
  (void)instance;
  (void)error;
  return RISETIME_ERROR_IO; /* fails without saying why */
#elif defined(ODD_NO_INSTANCE)
  (void)instance;
  (void)error;
  return RISETIME_OK; /* and leaves *instance as it was */
#elif defined(ODD_STATUS)
  (void)instance;
  strcpy(error->message, "a status that nobody knows");
  return -12345;
#else
  (void)error;
  static char one;
  *instance = &one;
  return RISETIME_OK;
#endif
}

static void destroy(void* instance) { (void)instance; }

static risetime_status pull(void* instance, struct risetime_bytes cursor, uint64_t max_rows,
                            const struct risetime_rows* out, struct risetime_error* error) {
  struct risetime_bytes next = {"next", 4};
  (void)instance;
  (void)cursor;
  (void)max_rows;
  risetime_status status = out->cursor(out->context, next, error);
  return status < 0 ? status : RISETIME_END;
}

static const void* capability(const char* id) {
  static const struct risetime_source source = {sizeof(struct risetime_source), pull};
  return strcmp(id, RISETIME_SOURCE_ID) == 0 ? &source : NULL;
}

#ifndef ODD_ENTRY
#define ODD_ENTRY risetime_plugin_v1
#endif
#ifndef ODD_ID
#define ODD_ID "odd"
#endif
#ifndef ODD_MAJOR
#define ODD_MAJOR RISETIME_ABI_MAJOR
#endif
#ifndef ODD_COUNT
#define ODD_COUNT 1
#endif
#ifndef ODD_PLUGIN_SIZE
#define ODD_PLUGIN_SIZE sizeof(struct risetime_plugin)
#endif
#ifdef ODD_NO_CREATE
#define ODD_CREATE NULL
#else
#define ODD_CREATE create
#endif

#ifdef ODD_UNRESOLVED
void a_function_that_no_library_has(void);
#endif

__attribute__((visibility("default"))) const struct risetime_plugins* ODD_ENTRY(void);
const struct risetime_plugins* ODD_ENTRY(void) {
#ifdef ODD_UNRESOLVED
  a_function_that_no_library_has();
#endif
#ifdef ODD_NULL_ENTRY
  return NULL;
#else
  static const struct risetime_plugin plugin = {ODD_PLUGIN_SIZE,          ODD_ID,     "1.0.0", "Odd.",    "Apache-2.0",
                                                "{\"type\": \"object\"}", ODD_CREATE, destroy, capability};
  static const struct risetime_plugin* const each[] = {&plugin};
  static const struct risetime_plugins all = {sizeof(struct risetime_plugins), ODD_MAJOR, RISETIME_ABI_MINOR, ODD_COUNT,
                                              each};
  return &all;
#endif
}
