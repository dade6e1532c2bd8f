/* The boundary between risetime and its plugins: C11, frozen within a major version.
 *
 * Reading guide. A plugin exports one function, risetime_plugin_v1(), that describes what it holds. The host creates
 * instances, asks each for capabilities by id and calls them. The host offers services by id in return. Everything in
 * bulk is an Array of the Arrow C data interface.
 *
 * Growing. Every struct begins with its size in bytes as its writer knew it. Members are only ever appended, and a
 * reader touches a member only if `size` covers it (RISETIME_HAS). What is passed by value or lies in an array (text,
 * bytes, http_header, filter) never grows. New abilities are new ids. A new major is a new exported symbol. sdk/abi/gate
 * holds every change against what was recorded.
 *
 * Memory crosses in three ways and no other:
 *   static    lives as long as the process (descriptors, capability tables, their strings);
 *   borrowed  valid until the call returns (every risetime_text, risetime_bytes and pointer argument);
 *   moved     a struct with a `release` callback: whoever holds it last calls release, once.
 *
 * Threads. [instance]: calls on one instance never overlap. [any]: may be called from any thread at any time.
 *
 * Exceptions never cross, in either direction. A status < 0 is an error and then *error says what, where and what to do.
 */
#ifndef RISETIME_ABI_H
#define RISETIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define RISETIME_ABI_MAJOR 1
#define RISETIME_ABI_MINOR 1

/* Whether a struct handed over by the other side reaches as far as this member. */
#define RISETIME_HAS(pointer, type, member) \
  ((pointer)->size >= offsetof(type, member) + sizeof(((type*)0)->member))

/* ---- Arrow C data interface (arrow.apache.org/docs/format/CDataInterface.html) ---- */

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};

#endif

/* ---- status and errors ---- */

typedef int32_t risetime_status;

#define RISETIME_OK 0                 /* done; more may follow */
#define RISETIME_END 1                /* done; nothing more follows */
#define RISETIME_ERROR_CONFIG (-1)    /* a setting is wrong: the user must change it */
#define RISETIME_ERROR_INPUT (-2)     /* data is not as promised: skip it or fix it */
#define RISETIME_ERROR_STATE (-3)     /* called out of order, or a saved state does not fit */
#define RISETIME_ERROR_IO (-4)        /* disk or network: may pass */
#define RISETIME_ERROR_LIMITED (-5)   /* told to slow down: see retry_after_ms */
#define RISETIME_ERROR_CANCELLED (-6) /* the host asked to stop */
#define RISETIME_ERROR_UNSUPPORTED (-7)
#define RISETIME_ERROR_INTERNAL (-8)  /* a defect in the plugin; the batch is dropped whole */

/* Filled by the callee, owned by the caller, usable before any instance exists. Texts end with NUL and are cut to fit. */
struct risetime_error {
  uint32_t size;
  int32_t code;           /* a risetime_status < 0 */
  int64_t retry_after_ms; /* >= 0: trying again after this long may work; -1: it will not */
  char where[112];        /* config path, file:line:column, column, or URL without its secrets */
  char message[896];      /* what happened and what to do */
};

struct risetime_text { /* UTF-8, borrowed, not NUL-terminated */
  const char* data;
  uint64_t size;
};

struct risetime_bytes { /* borrowed */
  const void* data;
  uint64_t size;
};

/* A place for bytes, given by the receiver. write may be called many times. */
struct risetime_sink {
  uint64_t size;
  void* context;
  risetime_status (*write)(void* context, struct risetime_bytes bytes, struct risetime_error* error);
};

/* Record batches, read one after another. next moves a batch to the caller (OK) or has none left (END). */
struct risetime_batches {
  uint64_t size;
  void* context;
  risetime_status (*next)(void* context, struct ArrowArray* array, struct ArrowSchema* schema,
                          struct risetime_error* error);
  risetime_status (*rewind)(void* context, struct risetime_error* error);
};

/* ---- services of the host: service(context, id) gives a table, or NULL where it is not offered ---- */

struct risetime_host {
  uint64_t size;
  void* context; /* first argument of every service function */
  const void* (*service)(void* context, const char* id);
};

#define RISETIME_LOG_ID "risetime.log/1"
#define RISETIME_LOG_DEBUG 0
#define RISETIME_LOG_INFO 1
#define RISETIME_LOG_WARN 2
#define RISETIME_LOG_ERROR 3
struct risetime_log { /* [any] */
  uint64_t size;
  void (*write)(void* context, int32_t level, struct risetime_text message);
};

#define RISETIME_CLOCK_ID "risetime.clock/1"
struct risetime_clock { /* [any] */
  uint64_t size;
  int64_t (*now)(void* context); /* microseconds since 1970-01-01T00:00:00Z */
  /* Wait; returns CANCELLED at once when the host stops. */
  risetime_status (*sleep)(void* context, int64_t milliseconds, struct risetime_error* error);
};

#define RISETIME_HTTP_ID "risetime.http/1"
#define RISETIME_HTTP_PAGE 0      /* made for people to read: robots.txt decides whether a program may */
#define RISETIME_HTTP_INTERFACE 1 /* made for programs, by its owner's own word: an API, a feed; robots.txt is not asked */
#define RISETIME_DAY_UTC 0        /* when a day's quota begins: midnight in UTC ... */
#define RISETIME_DAY_PACIFIC 1    /* ... or in California, summer time included */
struct risetime_http_header {
  struct risetime_text name;
  struct risetime_text value;
};
struct risetime_http_request {
  uint64_t size;
  struct risetime_text method; /* GET, POST, ... */
  struct risetime_text url;
  const struct risetime_http_header* headers;
  uint64_t header_count;
  struct risetime_bytes body;
  uint64_t max_bytes; /* largest body accepted, after decompression; 0 is the host's limit */
  int64_t timeout_ms; /* for the whole exchange; 0 is the host's limit */
  /* Since minor 1. All zero: a page that costs nothing. */
  int64_t purpose;                /* RISETIME_HTTP_PAGE or RISETIME_HTTP_INTERFACE */
  struct risetime_text quota;     /* the quota that this request uses up, such as "data-api"; empty: none */
  struct risetime_text quota_key; /* whose quota: a secret's handle or a client's id; kept as a hash only */
  int64_t cost;                   /* in the quota's units */
  int64_t quota_per_day;          /* units a day; the configuration may say less; 0: no limit, only counted */
  int64_t quota_day;              /* RISETIME_DAY_UTC or RISETIME_DAY_PACIFIC */
};
struct risetime_http_response { /* moved to the caller; release it */
  uint64_t size;
  int64_t status;            /* of the last answer after redirects: 200, 404, ... */
  struct risetime_text url;  /* where that answer came from */
  const struct risetime_http_header* headers;
  uint64_t header_count;
  struct risetime_bytes body;
  void* private_data;
  void (*release)(struct risetime_http_response*);
};
/* The one way to the network. Limits per host, retries, TLS verification, recording and replay are the host's work.
 * A secret's handle in url, headers or body is replaced by the secret as the request leaves. An answer with a status
 * of 400 and more is an answer; an error means that there is none, that retries were used up on 429 and 5xx, that
 * robots.txt or a day's quota forbids the request (LIMITED, UNSUPPORTED: nothing was sent), or that the host rests. */
struct risetime_http { /* [any] */
  uint64_t size;
  risetime_status (*fetch)(void* context, const struct risetime_http_request* request,
                           struct risetime_http_response* response, struct risetime_error* error);
};

#define RISETIME_STATE_ID "risetime.state/1"
/* Small facts that an instance keeps between runs, such as a resolved account id. get answers END for no value. */
struct risetime_state { /* [instance] */
  uint64_t size;
  risetime_status (*get)(void* context, struct risetime_text key, const struct risetime_sink* value,
                         struct risetime_error* error);
  risetime_status (*put)(void* context, struct risetime_text key, struct risetime_bytes value,
                         struct risetime_error* error);
};

#define RISETIME_SECRETS_ID "risetime.secrets/1"
/* Configuration holds handles. reveal is for what HTTP cannot do, such as a database password. */
struct risetime_secrets { /* [any] */
  uint64_t size;
  risetime_status (*reveal)(void* context, struct risetime_text handle, const struct risetime_sink* secret,
                            struct risetime_error* error);
};

#define RISETIME_TASKS_ID "risetime.tasks/1"
/* Runs body(argument, 0 .. count-1) on the host's threads and waits. The first error by index is returned. */
struct risetime_tasks { /* [any] */
  uint64_t size;
  risetime_status (*parallel_for)(void* context, uint64_t count,
                                  risetime_status (*body)(void* argument, uint64_t index, struct risetime_error* error),
                                  void* argument, struct risetime_error* error);
  uint64_t (*width)(void* context); /* how many run at once */
};

#define RISETIME_PROGRESS_ID "risetime.progress/1"
struct risetime_progress { /* [any] */
  uint64_t size;
  void (*report)(void* context, struct risetime_text what, double done, double total); /* total 0: unknown */
};

#define RISETIME_CANCEL_ID "risetime.cancel/1"
struct risetime_cancel { /* [any] */
  uint64_t size;
  int32_t (*requested)(void* context); /* 1 when the host wants to stop */
};

#define RISETIME_RANDOM_ID "risetime.random/1"
struct risetime_random { /* [any] */
  uint64_t size;
  uint64_t (*seed)(void* context, struct risetime_text purpose); /* the same for the same project and purpose */
};

#define RISETIME_METRICS_ID "risetime.metrics/1"
struct risetime_metrics { /* [any] */
  uint64_t size;
  void (*add)(void* context, struct risetime_text name, double amount);
};

#define RISETIME_PATHS_ID "risetime.paths/1"
/* Relative paths in a configuration start at the folder of the configuration file. */
struct risetime_paths { /* [any] */
  uint64_t size;
  risetime_status (*resolve)(void* context, struct risetime_text path, const struct risetime_sink* absolute,
                             struct risetime_error* error);
};

#define RISETIME_SCHEDULE_ID "risetime.schedule/1"
/* Since minor 1. Which accounts and videos a source reads in this round, by the rules of the configuration; accounts as
 * "platform:account". From pull only. Where the service is not offered, everything is read. */
struct risetime_schedule { /* [instance] */
  uint64_t size;
  /* All accounts that the settings name, in their order: what the host counts as pending. Once per instance. */
  risetime_status (*accounts)(void* context, const struct risetime_text* accounts, uint64_t count,
                              struct risetime_error* error);
  /* 1: read it now. 0: not in this round any more, or not in this one at all. Ask before its first request. */
  int32_t (*wants_account)(void* context, struct risetime_text account);
  /* 1: read it now. 0: at its age it is not its turn, or the account or the round has as many as it may. Ask once a
   * round, newest first. published_at: UTC microseconds. */
  int32_t (*wants_video)(void* context, struct risetime_text account, struct risetime_text video_id,
                         int64_t published_at);
  /* The account was read to its end in this round; takes effect with the rows of this pull. */
  risetime_status (*done)(void* context, struct risetime_text account, struct risetime_error* error);
  /* After so many accounts a pull shall end, so that what they gave is committed. */
  uint64_t (*accounts_per_pull)(void* context);
};

#define RISETIME_LINES_ID "risetime.lines/1"
/* Since minor 1. Lines of text over a connection that stays open, such as a chat's. TLS, verification, pace, limits,
 * recording and replay are the host's work, as for risetime.http/1. */
#define RISETIME_LINE 1     /* a line came */
#define RISETIME_LINE_CUT 2 /* a line came that is longer than max_line: its beginning; the rest is gone */
struct risetime_lines_request {
  uint64_t size;
  struct risetime_text url;   /* "tls://host:port"; "tcp://host:port" to this machine only, for tests */
  struct risetime_text topic; /* what the connection is for; with the url the name of its recording */
  int64_t listen_ms;          /* for how long; receive answers END then */
  int64_t pace_ms;            /* in any time as long as this ... */
  int64_t pace_cost;          /* ... what is sent costs so much at most; more waits in the host. 0: no such limit */
  uint64_t max_line;          /* bytes, without the line's end; 0 is the host's limit */
  uint64_t max_bytes;         /* of all lines; receive answers INPUT behind them; 0 is the host's limit */
};
struct risetime_lines { /* [instance] */
  uint64_t size;
  /* *connection is set on success; close it. IO: no connection, or the other side could not prove who it is. */
  risetime_status (*open)(void* context, const struct risetime_lines_request* request, void** connection,
                          struct risetime_error* error);
  /* One line; the host ends it with CR LF and sends it in turn while receive waits. A line that costs nothing goes
   * before all others. A secret's handle in it is replaced by the secret as it leaves. */
  risetime_status (*send)(void* context, void* connection, struct risetime_text line, int64_t cost,
                          struct risetime_error* error);
  /* Waits for the next line, without its LF or CR LF. A line that is no UTF-8 comes with "?" for its bytes above 127, and
   * for NUL. END: the time to listen is over, and what was not sent is dropped. IO: the other side closed or broke off;
   * half a line is gone then. CANCELLED: the host stops. */
  risetime_status (*receive)(void* context, void* connection, const struct risetime_sink* line, int32_t* kind,
                             struct risetime_error* error);
  void (*close)(void* context, void* connection);
};

/* ---- capabilities of a plugin: each takes the instance that create() made. All [instance] ---- */

#define RISETIME_SOURCE_ID "risetime.source/1"
/* What pull writes to. The host takes all of one pull, cursor included, in one transaction, or nothing of it. */
struct risetime_rows {
  uint64_t size;
  void* context;
  /* Rows of one table (channel, video, observation, thumbnail). The batch is moved. */
  risetime_status (*batch)(void* context, struct risetime_text table, struct ArrowArray* array,
                           struct ArrowSchema* schema, struct risetime_error* error);
  /* One row that cannot be used: where it stood, why, and the row as it came. */
  risetime_status (*reject)(void* context, struct risetime_text where, struct risetime_text reason,
                            struct risetime_text raw, struct risetime_error* error);
  /* One account that could not be read; the others go on. */
  risetime_status (*failed)(void* context, struct risetime_text account, const struct risetime_error* why,
                            struct risetime_error* error);
  /* Where the next pull begins; opaque to the host. */
  risetime_status (*cursor)(void* context, struct risetime_bytes cursor, struct risetime_error* error);
};
struct risetime_source {
  uint64_t size;
  /* Read on from `cursor` (empty at the very first), about max_rows rows at most. OK: call again at once.
   * END: nothing more in this round; the next round starts from the last cursor. */
  risetime_status (*pull)(void* instance, struct risetime_bytes cursor, uint64_t max_rows,
                          const struct risetime_rows* out, struct risetime_error* error);
};

#define RISETIME_PEOPLE_ID "risetime.source.people/1"
/* Since minor 1; optional beside source/1, for sources that store rows about persons. People stand in the column
 * `person` of the table presence and nowhere else: not in cursors, state, rejects, errors or logs. */
struct risetime_people {
  uint64_t size;
  /* How the person whom people know by `name` stands in this instance's rows: "platform:person" each, one a line; nothing
   * where the instance, as it is configured, stores no persons. The host erases these rows and drops later ones. Without
   * the network. INPUT where the name cannot be one of the platform's; no error repeats the name. */
  risetime_status (*ids)(void* instance, struct risetime_text name, const struct risetime_sink* out,
                         struct risetime_error* error);
};

#define RISETIME_STORE_ID "risetime.store/1"
#define RISETIME_KEEP_FIRST 0 /* a row whose key is there already is left out */
#define RISETIME_REPLACE 1    /* a row whose key is there already takes its place */
struct risetime_table {
  uint64_t size;
  struct risetime_text name;
  const struct ArrowSchema* schema; /* a struct of the columns */
  const struct risetime_text* keys; /* column names, in the order that scans follow */
  uint64_t key_count;
  int64_t on_conflict;
};
#define RISETIME_EQUAL 0
#define RISETIME_AT_LEAST 1
#define RISETIME_BELOW 2
struct risetime_filter {
  uint64_t size;
  struct risetime_text column;
  int32_t compare;
  int32_t is_text;           /* 1: compare with text; 0: with number (int64, timestamp in microseconds) */
  struct risetime_text text;
  int64_t number;
};
struct risetime_scan {
  uint64_t size;
  struct risetime_text table;
  const struct risetime_text* columns; /* none: all */
  uint64_t column_count;
  const struct risetime_filter* filters; /* all must hold */
  uint64_t filter_count;
  uint64_t batch_rows;
};
struct risetime_store {
  uint64_t size;
  /* Make the table, or check that it is as described; columns that are new are added, with nulls. */
  risetime_status (*define)(void* instance, const struct risetime_table* table, struct risetime_error* error);
  risetime_status (*begin)(void* instance, struct risetime_error* error);
  risetime_status (*commit)(void* instance, struct risetime_error* error);
  risetime_status (*rollback)(void* instance, struct risetime_error* error);
  /* Between begin and commit. array and schema are borrowed. *written counts rows that were not there before. */
  risetime_status (*write)(void* instance, struct risetime_text table, const struct ArrowArray* array,
                           const struct ArrowSchema* schema, uint64_t* written, struct risetime_error* error);
  /* Named blobs (cursors, progress) that live and commit with the rows. get answers END for no value. */
  risetime_status (*put)(void* instance, struct risetime_text key, struct risetime_bytes value,
                         struct risetime_error* error);
  risetime_status (*get)(void* instance, struct risetime_text key, const struct risetime_sink* value,
                         struct risetime_error* error);
  /* Rows in key order (text by bytes). Several scans may be open. A scan sees what was there when it was opened, or
   * later rows too, but each row whole. */
  risetime_status (*scan)(void* instance, const struct risetime_scan* scan, void** cursor, struct risetime_error* error);
  risetime_status (*next)(void* instance, void* cursor, struct ArrowArray* array, struct ArrowSchema* schema,
                          struct risetime_error* error);
  void (*close)(void* instance, void* cursor);
  /* Between begin and commit: remove the rows for which all filters of `scan` hold. */
  risetime_status (*erase)(void* instance, const struct risetime_scan* scan, uint64_t* erased,
                           struct risetime_error* error);
};

#define RISETIME_PURGE_ID "risetime.store.purge/1"
/* Since minor 1; optional beside store/1. */
struct risetime_purge {
  uint64_t size;
  /* Outside of a transaction: what was erased or replaced is gone from the store's files, their logs included, for
   * whoever reads their bytes as well. May take as long as writing the store anew. */
  risetime_status (*purge)(void* instance, struct risetime_error* error);
};

#define RISETIME_ARTIFACTS_ID "risetime.artifacts/1"
/* Whole values by name (a hash), with a kind and a JSON document that says how they were made. */
struct risetime_artifact_visitor {
  uint64_t size;
  void* context;
  risetime_status (*visit)(void* context, struct risetime_text name, struct risetime_text kind,
                           struct risetime_text metadata, uint64_t bytes, struct risetime_error* error);
};
struct risetime_artifacts {
  uint64_t size;
  /* Each put is a transaction. The same name again replaces. */
  risetime_status (*put)(void* instance, struct risetime_text name, struct risetime_text kind,
                         struct risetime_text metadata, struct risetime_bytes value, struct risetime_error* error);
  /* END where there is none. Either sink may be NULL. */
  risetime_status (*get)(void* instance, struct risetime_text name, const struct risetime_sink* metadata,
                         const struct risetime_sink* value, struct risetime_error* error);
  /* All of a kind (empty: of every kind), by name. */
  risetime_status (*list)(void* instance, struct risetime_text kind, const struct risetime_artifact_visitor* visitor,
                          struct risetime_error* error);
  risetime_status (*erase)(void* instance, struct risetime_text name, struct risetime_error* error);
};

#define RISETIME_FEATURIZER_ID "risetime.featurizer/1"
/* For a row of the input that has no vector. */
struct risetime_missing {
  uint64_t size;
  void* context;
  risetime_status (*row)(void* context, uint64_t row, struct risetime_text reason, struct risetime_error* error);
};
struct risetime_featurizer {
  uint64_t size;
  const char* (*input)(void* instance); /* the table it reads: "video", "thumbnail"; static */
  /* Learn from all rows. NULL where there is nothing to learn. */
  risetime_status (*fit)(void* instance, const struct risetime_batches* rows, struct risetime_error* error);
  /* One vector a row, in order, as a batch with the one column `vector` (fixed_size_list<float32>, null = missing). */
  risetime_status (*describe)(void* instance, const struct ArrowArray* array, const struct ArrowSchema* schema,
                              struct ArrowArray* out_array, struct ArrowSchema* out_schema,
                              const struct risetime_missing* missing, struct risetime_error* error);
  /* The name of each dimension, one a line. */
  risetime_status (*names)(void* instance, const struct risetime_sink* out, struct risetime_error* error);
  risetime_status (*save)(void* instance, const struct risetime_sink* out, struct risetime_error* error);
  risetime_status (*load)(void* instance, struct risetime_bytes saved, struct risetime_error* error);
};

#define RISETIME_MODEL_ID "risetime.model/1"
/* A mark beside model/1, same table: a yardstick that others are compared with. */
#define RISETIME_BASELINE_ID "risetime.model.baseline/1"
/* A series batch has a row a video: platform, video_id, channel_id (utf8), published_at, origin (timestamp; origin
 * null in training), category, language (utf8?), duration_s, followers (float64?), features
 * (fixed_size_list<float32>), observed_at (list<timestamp>, increasing) and a list<float64> a stat under the stat's
 * name, as long as observed_at, NaN where a reading lacks it. All readings of a row are at or before its origin. */
struct risetime_training {
  uint64_t size;
  const struct risetime_batches* series;
  const struct risetime_text* stats;
  uint64_t stat_count;
  const int64_t* horizons; /* microseconds after the origin, increasing: where users look */
  uint64_t horizon_count;
  const int64_t* ages; /* microseconds after publication: where users stand; none: anywhere */
  uint64_t age_count;
};
struct risetime_question {
  uint64_t size;
  const struct risetime_text* stats;
  uint64_t stat_count;
  const int64_t* horizons; /* microseconds after the origin, increasing; any, fitted or not */
  uint64_t horizon_count;
};
struct risetime_model {
  uint64_t size;
  risetime_status (*fit)(void* instance, const struct risetime_training* training, struct risetime_error* error);
  /* The answer is a batch with the columns row (int64, index into the series batch), stat (int64, index), horizon
   * (int64, index), mean, q025, q100, q250, q500, q750, q900, q975 (float64); rows without an answer are left out. */
  risetime_status (*forecast)(void* instance, const struct risetime_question* question, const struct ArrowArray* array,
                              const struct ArrowSchema* schema, struct ArrowArray* out_array,
                              struct ArrowSchema* out_schema, struct risetime_error* error);
  risetime_status (*save)(void* instance, const struct risetime_sink* out, struct risetime_error* error);
  risetime_status (*load)(void* instance, struct risetime_bytes saved, struct risetime_error* error);
};

#define RISETIME_EXPLAIN_ID "draft/risetime.model.explain/1"
/* Since minor 1; optional beside model/1, for models that can say which inputs moved their forecasts. A draft: what it
 * turns out to lack comes under another number, and this id stays when it is settled. */
struct risetime_explain {
  uint64_t size;
  /* Of the same question and series batch as forecast's. The answer is a batch with the columns row, stat, horizon
   * (int64, as in forecast's answer), input (utf8?: its name for people), feature (int64?: index into features) and value
   * (float64), which is in units of log(gain + 1) of a running total since its last reading, and of
   * log((value + 1) / (last + 1)) of a level such as viewers. A row without input and feature is the base: what the model
   * says of an average video of its training. Any other is what one input adds. All of one row, stat and horizon
   * together are that of the forecast's median. Where the model cannot say, it leaves all of them out. */
  risetime_status (*explain)(void* instance, const struct risetime_question* question, const struct ArrowArray* array,
                             const struct ArrowSchema* schema, struct ArrowArray* out_array,
                             struct ArrowSchema* out_schema, struct risetime_error* error);
};

/* ---- the plugin ---- */

struct risetime_plugin { /* all static */
  uint64_t size;
  const char* id;            /* "ridge", "org.example.mine" */
  const char* version;       /* semantic version */
  const char* summary;       /* one line */
  const char* license;       /* SPDX */
  const char* config_schema; /* JSON Schema of its settings; "default" and "secret" are given per property */
  /* config is a JSON object that fits the schema; secrets in it are handles. No network. *instance is set on success. */
  risetime_status (*create)(const struct risetime_host* host, struct risetime_text config, void** instance,
                            struct risetime_error* error);
  void (*destroy)(void* instance); /* releases everything; never fails */
  const void* (*capability)(const char* id); /* [any] a table such as risetime_source, or NULL */
};

struct risetime_plugins {
  uint64_t size;
  uint32_t abi_major;
  uint32_t abi_minor; /* the header that it was built with */
  uint64_t count;
  const struct risetime_plugin* const* plugins;
};

/* The one exported symbol. [any] */
const struct risetime_plugins* risetime_plugin_v1(void);
typedef const struct risetime_plugins* (*risetime_plugin_v1_function)(void);
#define RISETIME_ENTRY_SYMBOL "risetime_plugin_v1"

#ifdef __cplusplus
}
#endif

#endif
