package archtest

// A pattern names packages by their path within the module, or by the whole
// path outside of it: "a/..." is a and all below, "*" is any one element.

// layer is a group of packages. They import those of the layers below, and
// each other only when peers is set or one "/..." pattern names both.
type layer struct {
	name     string
	peers    bool
	packages []string
}

// layers are all packages there may be, from the bottom up: imports point
// downwards only. A new package needs a place here.
var layers = []layer{
	{"leaf", false, []string{"internal/errs", "internal/id", "internal/text", "internal/timestamp", "internal/metric", "internal/fault", "internal/media/..."}},
	{"port", false, []string{"internal/table", "internal/blob", "internal/queue", "internal/transcript", "internal/llm", "internal/transcriber"}},
	{"shared", true, []string{"internal/clock", "internal/cursor", "internal/task", "internal/record", "internal/idempotency", "internal/access", "internal/audit", "internal/fetch", "internal/deletion", "internal/disk", "internal/budget", "internal/limit", "internal/quota", "internal/schema", "internal/blob/s3/address", "internal/transcript/label"}},
	{"domain", true, []string{
		"internal/conversation", "internal/conversation/archive", "internal/conversation/board", "internal/conversation/bridge/...", "internal/conversation/fence", "internal/conversation/find",
		"internal/conversation/memory", "internal/conversation/tally", "internal/conversation/topic/...", "internal/conversation/upkeep",
		"internal/closing",
		"internal/session", "internal/session/capture", "internal/session/lifecycle", "internal/session/recording",
		"internal/session/result", "internal/session/upload",
		"internal/search/...", "internal/webhook/...",
		"internal/extraction/...", "internal/transcript/format/...", "internal/transcript/export", "internal/transcript/seam",
	}},
	{"edge", false, []string{
		"internal/table/*", "internal/blob/*", "internal/queue/*", "internal/llm/*", "internal/transcriber/*", // drivers and their suites
		"internal/disk/disktest", "internal/audit/audittest", "internal/api/...", "internal/worker/...", "internal/operator",
	}},
	{"host", true, []string{"internal/conversation/conversationtest", "internal/session/sessiontest", "internal/lambdafn/...", "internal/setup/...", "internal/system/...", "infra/..."}},
	{"function", false, []string{"functions/*"}},
	{"check", false, []string{"internal/archtest"}},
}

// barrier is a thing that from must not reach, also through others.
type barrier struct {
	from, to []string
	why      string
}

var barriers = []barrier{
	{
		[]string{"internal/api/...", "internal/session", "internal/session/lifecycle"}, // which stands on all parts of a session
		[]string{"internal/transcript/format/...", "internal/extraction/rules/..."},
		"an endpoint must not link what only workers need",
	},
	{
		[]string{"internal/table/*", "internal/blob/*", "internal/queue/*", "internal/llm/*", "internal/transcriber/*"},
		[]string{
			"internal/access", "internal/clock", "internal/cursor", "internal/task", "internal/record", "internal/idempotency", "internal/fetch", "internal/deletion", "internal/quota",
			"internal/session/...", "internal/conversation/...", "internal/search/...", "internal/webhook/...",
			"internal/extraction/...", "internal/transcript/...",
		},
		"a driver holds no rules",
	},
}

// reserved is a thing that only some packages import themselves.
type reserved struct {
	imports, by []string
}

var reservations = []reserved{
	{[]string{"go.etcd.io/bbolt/..."}, []string{"internal/*/bolt", "internal/disk", "internal/conversation/conversationtest", "infra/local"}},
	{
		[]string{"github.com/aws/..."},
		[]string{"internal/table/dynamo", "internal/blob/s3", "internal/queue/sqs", "internal/llm/bedrock", "internal/transcriber/amazon", "internal/lambdafn/...", "internal/setup/...", "infra/lambda/...", "infra/stack/event", "infra/coldstart/...", "infra/deploy", "infra/engines/..."},
	},
	{
		[]string{"net/http/..."},
		[]string{
			"internal/api/...", "internal/worker/...", "internal/operator", "internal/fetch",
			"internal/table/*", "internal/blob/*", "internal/queue/*", "internal/llm", "internal/llm/*", "internal/transcriber/*",
			"internal/lambdafn/...", "internal/setup/...", "infra/...", "functions/*",
		},
	},
	{[]string{"testing/...", "github.com/google/go-cmp/..."}, []string{"internal/*/*test", "internal/fault"}},
	{[]string{"internal/*/*test", "internal/fault"}, []string{"internal/*/*test"}},
}

// empty are names that say nothing of what is inside.
var empty = []string{
	"util", "utils", "common", "helper", "helpers", "type", "types", "model", "models", "pkg", "base", "misc", "lib",
}
