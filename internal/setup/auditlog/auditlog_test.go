package auditlog_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/google/go-cmp/cmp"

	"griot/internal/id"
	"griot/internal/setup"
	"griot/internal/setup/auditlog"
)

func config(t *testing.T, url string) setup.Config {
	t.Helper()
	c, err := setup.Stack(func(name string) string {
		return map[string]string{
			"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": url,
		}[name]
	}, "griot")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// logs answers as CloudWatch Logs does.
type logs struct {
	mu     sync.Mutex
	group  bool
	stream bool
	events []string
}

func (l *logs) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	refuse := func(kind string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"no"}`, kind)
	}
	var in struct {
		LogGroupName  string `json:"logGroupName"`
		LogStreamName string `json:"logStreamName"`
		LogEvents     []struct {
			Timestamp int64  `json:"timestamp"`
			Message   string `json:"message"`
		} `json:"logEvents"`
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	switch r.Header.Get("X-Amz-Target") {
	case "Logs_20140328.CreateLogStream":
		if !l.group {
			refuse("ResourceNotFoundException")
			return
		}
		l.stream = true
	case "Logs_20140328.PutLogEvents":
		if !l.group || !l.stream {
			refuse("ResourceNotFoundException")
			return
		}
		l.events = append(l.events, fmt.Sprintf("%s %s %d %s", in.LogGroupName, in.LogStreamName, in.LogEvents[0].Timestamp, in.LogEvents[0].Message))
	default:
		refuse("UnknownOperationException")
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, _ = w.Write([]byte("{}"))
}

func TestWriter(t *testing.T) {
	l := &logs{}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	write := auditlog.Writer(config(t, server.URL), "griot")
	at := time.UnixMilli(1780000000123)
	if err := write(t.Context(), at, []byte("{}\n")); err == nil || !strings.Contains(err.Error(), "/griot/griot/audit") {
		t.Errorf("without the group: %v", err)
	}
	l.group = true
	for _, line := range []string{`{"a":1}`, `{"a":2}`} { // the first makes the stream
		if err := write(t.Context(), at, []byte(line+"\n")); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{`/griot/griot/audit operator 1780000000123 {"a":1}`, `/griot/griot/audit operator 1780000000123 {"a":2}`}
	if diff := cmp.Diff(want, l.events); diff != "" {
		t.Error(diff)
	}
}

// The same against LocalStack's CloudWatch Logs.
func TestWriterOnLocalStack(t *testing.T) {
	url := os.Getenv("GRIOT_TEST_LOCALSTACK")
	if url == "" {
		t.Skip("GRIOT_TEST_LOCALSTACK is not set: infra/engines/engines env")
	}
	c := config(t, url)
	stack := "audit-" + strings.ToLower(id.At("", time.Now()))
	api := client.NewFromConfig(c.AWS)
	group := "/griot/" + stack + "/audit"
	if _, err := api.CreateLogGroup(t.Context(), &client.CreateLogGroupInput{LogGroupName: &group}); err != nil {
		t.Fatal(err)
	}
	write := auditlog.Writer(c, stack)
	for _, line := range []string{`{"a":1}`, `{"a":2}`} {
		if err := write(t.Context(), time.Now(), []byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	out, err := api.GetLogEvents(t.Context(), &client.GetLogEventsInput{
		LogGroupName: &group, LogStreamName: aws.String("operator"), StartFromHead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range out.Events {
		got = append(got, *e.Message)
	}
	if !slices.Equal(got, []string{`{"a":1}`, `{"a":2}`}) {
		t.Error(got)
	}
	if _, err := api.DeleteLogGroup(t.Context(), &client.DeleteLogGroupInput{LogGroupName: &group}); err != nil {
		t.Error(err)
	}
}
