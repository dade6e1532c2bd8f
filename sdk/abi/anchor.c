/* A library that names every type of the boundary, so that abidw can see them: capability and service tables cross it
 * behind `const void*` and would be invisible otherwise. The gate refuses a type of abi.h that is not named here. */
#include <risetime/abi.h>

#define ANCHOR(type)                           \
  void anchor_##type(const struct type* held); \
  void anchor_##type(const struct type* held) { (void)held; }

ANCHOR(ArrowSchema)
ANCHOR(ArrowArray)
ANCHOR(risetime_error)
ANCHOR(risetime_text)
ANCHOR(risetime_bytes)
ANCHOR(risetime_sink)
ANCHOR(risetime_batches)
ANCHOR(risetime_host)
ANCHOR(risetime_log)
ANCHOR(risetime_clock)
ANCHOR(risetime_http_header)
ANCHOR(risetime_http_request)
ANCHOR(risetime_http_response)
ANCHOR(risetime_http)
ANCHOR(risetime_state)
ANCHOR(risetime_secrets)
ANCHOR(risetime_tasks)
ANCHOR(risetime_progress)
ANCHOR(risetime_cancel)
ANCHOR(risetime_random)
ANCHOR(risetime_metrics)
ANCHOR(risetime_paths)
ANCHOR(risetime_schedule)
ANCHOR(risetime_lines_request)
ANCHOR(risetime_lines)
ANCHOR(risetime_rows)
ANCHOR(risetime_source)
ANCHOR(risetime_people)
ANCHOR(risetime_table)
ANCHOR(risetime_filter)
ANCHOR(risetime_scan)
ANCHOR(risetime_store)
ANCHOR(risetime_purge)
ANCHOR(risetime_artifact_visitor)
ANCHOR(risetime_artifacts)
ANCHOR(risetime_missing)
ANCHOR(risetime_featurizer)
ANCHOR(risetime_training)
ANCHOR(risetime_question)
ANCHOR(risetime_model)
ANCHOR(risetime_explain)
ANCHOR(risetime_plugin)
ANCHOR(risetime_plugins)

risetime_status anchor_status(risetime_plugin_v1_function function);
risetime_status anchor_status(risetime_plugin_v1_function function) { return function == NULL; }

const struct risetime_plugins* risetime_plugin_v1(void) { return NULL; }
