package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"griot/infra/stack"
)

// symbols returns, for each function, the functions and variables that are
// linked into it. Nothing of griot's own is inlined, so that every call shows.
func symbols(t *testing.T) map[string]string {
	t.Helper()
	if os.Getenv("GRIOT_TRANSLATED") == "" {
		t.Skip("builds all functions: infra/sam/sam check runs it")
	}
	bin := t.TempDir()
	goCommand(t, "build", "-gcflags=griot/...=-l", "-tags", "lambda.norpc,nethttpomithttp2", "-o", bin+"/", "./functions/...")
	all := map[string]string{}
	for _, dir := range directories(t) {
		var names strings.Builder
		for line := range strings.Lines(goCommand(t, "tool", "nm", filepath.Join(bin, dir))) {
			fields := strings.Fields(line)
			names.WriteString(fields[len(fields)-1] + "\n")
		}
		all[dir] = names.String()
	}
	return all
}

// TestSymbols builds once for all that looks at what is linked.
func TestSymbols(t *testing.T) {
	all := symbols(t)
	t.Run("purpose", func(t *testing.T) { checkPurpose(t, all) })
	t.Run("policies", func(t *testing.T) { checkPolicies(t, all) })
	t.Run("audit", func(t *testing.T) { checkAudit(t, all) })
}

const (
	sessionsOf     = "griot/internal/session.(*Store)."
	lifecycleOf    = "griot/internal/session/lifecycle."
	memoriesOf     = "griot/internal/conversation/memory.(*Service)."
	upkeepOf       = "griot/internal/conversation/upkeep."
	conversationOf = "griot/internal/conversation.(*Service)."
	indexOf        = "griot/internal/search/index.(*Workspace)."
	rankOf         = "griot/internal/search/rank."
)

// What functions have of the packages that they import, and what the linker
// has to leave out: a search writes nothing, a writer neither searches nor
// merges, and who reads one thing has nothing of the index at all.
var contents = []struct {
	function, has string
	not           []string
}{
	{"sessions-get", sessionsOf + "Get", []string{sessionsOf + "Create", lifecycleOf}},
	{"conversations-get", conversationOf + "Get", []string{conversationOf + "Create", upkeepOf, indexOf, rankOf}},
	{"conversations-timeline", memoriesOf + "Timeline", []string{conversationOf + "Create", memoriesOf + "Create", indexOf, rankOf}},
	{"memories-create", "griot/internal/search/analysis.Unit", []string{rankOf, indexOf + "View", indexOf + "Merge", indexOf + "Purge", upkeepOf}},
	{"conversations-search", rankOf + "Conversations", []string{"griot/internal/search/analysis.Unit", indexOf + "Written", indexOf + "Merge", indexOf + "Purge", conversationOf + "Create"}},
}

// No endpoint has these.
var forNoEndpoint = []string{
	"griot/internal/transcript/format.", "griot/internal/extraction/rules.", "griot/internal/conversation/bridge/passage.",
	"net/http.(*Server).Serve", "net/http.(*http2serverConn)",
}

func checkPurpose(t *testing.T, symbols map[string]string) {
	for _, f := range contents {
		linked := symbols[f.function]
		if !strings.Contains(linked, f.has+"\n") {
			t.Errorf("%s does not have %s", f.function, f.has)
		}
		for _, alien := range slices.Concat(f.not, forNoEndpoint) {
			if strings.Contains(linked, alien) {
				t.Errorf("%s has %s", f.function, alien)
			}
		}
	}
}

const (
	dynamoDriver = "griot/internal/table/dynamo.(*Store)."
	bucketDriver = "griot/internal/blob/s3.(*Store)."
	queueDriver  = "griot/internal/queue/sqs.(*Queue)."
	amazonDriver = "griot/internal/transcriber/amazon.(*Engine)."
	operation    = "griot/internal/table."
)

// causes are what a function has linked, one of them at least, when it does an
// action. Whether an object is there is told to those only who may list.
var causes = map[string][]string{
	"dynamodb:GetItem":                  {dynamoDriver + "Get"},
	"dynamodb:BatchGetItem":             {dynamoDriver + "BatchGet"},
	"dynamodb:Query":                    {dynamoDriver + "Query"},
	"dynamodb:PutItem":                  {operation + "Put", operation + "Update", operation + "Increment"}, // of what has expired
	"dynamodb:UpdateItem":               {operation + "Update", operation + "Increment"},
	"dynamodb:DeleteItem":               {operation + "Delete"},
	"dynamodb:ConditionCheckItem":       {operation + "Check"},
	"transcribe:GetTranscriptionJob":    {amazonDriver + "Result", amazonDriver + "Stop"},
	"transcribe:DeleteTranscriptionJob": {amazonDriver + "Stop"},
	"sqs:SendMessage":                   {queueDriver + "Send"},
	"sqs:ChangeMessageVisibility":       {queueDriver + "Retry"},
	"s3:GetObject":                      {bucketDriver + "Get", bucketDriver + "GetRange", bucketDriver + "Stat", bucketDriver + "PresignGet"},
	"s3:PutObject":                      {bucketDriver + "Put", bucketDriver + "PresignPut"},
	"s3:AbortMultipartUpload":           {bucketDriver + "Put"},
	"s3:DeleteObject":                   {bucketDriver + "Delete"},
	"s3:ListBucket":                     {bucketDriver + "List", bucketDriver + "Get", bucketDriver + "GetRange", bucketDriver + "Stat", bucketDriver + "PresignGet"},
}

// A function may do no action for which it has no code. That it may do what it
// does is shown by events (internal/lambdafn/replay).
func checkPolicies(t *testing.T, symbols map[string]string) {
	for _, f := range stack.Functions() {
		linked := "\n" + symbols[f.Name()]
		has := func(symbol string) bool { return strings.Contains(linked, "\n"+symbol+"\n") }
		for _, st := range f.Statements() {
			for _, action := range st.Actions {
				if !slices.ContainsFunc(causes[action], has) && !slices.Contains(stack.Polled, action) {
					t.Errorf("%s may %s and never does", f.Name(), action)
				}
			}
		}
	}
}

// Functions that write events of the audit log where these are kept for a year,
// and no others do.
func checkAudit(t *testing.T, symbols map[string]string) {
	for _, f := range stack.Functions() {
		writes := strings.Contains("\n"+symbols[f.Name()], "\ngriot/internal/audit.Record\n")
		if f.Audit != writes {
			t.Errorf("%s: writes events %v, logs to the audit %v", f.Name(), writes, f.Audit)
		}
	}
	group := regexp.MustCompile(`(?s)  AuditLogs:\n    Type: AWS::Logs::LogGroup\n    DeletionPolicy: RetainExceptOnCreate\n.*?RetentionInDays: 365\n`)
	if !group.MatchString(read(t, filepath.Join(root, "infra", "data.yaml"))) {
		t.Error("infra/data.yaml keeps no audit for a year")
	}
}
