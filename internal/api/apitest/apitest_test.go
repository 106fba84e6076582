package apitest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// echo answers with what it was asked; /count with how often, /stream with
// events.
func echo(t *testing.T) string {
	var count atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/count", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"n":%d}`, count.Add(1))
	})
	mux.HandleFunc("/stream", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "retry: 1\n\n: comment\n\nid: 1\nevent: a\ndata: {\"x\":1}\n\nevent: b\ndata: {}\n\n")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Location", "/next")
		w.WriteHeader(http.StatusFound)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"method": r.Method, "url": r.URL.String(), "body": string(body),
			"auth": r.Header.Get("Authorization"), "x": r.Header.Get("X"), "list": []any{1, "two", map[string]any{"id": 3}},
		})
	})
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func runSteps(t *testing.T, text string) error {
	t.Helper()
	steps, err := parse(text)
	if err != nil {
		return err
	}
	r := runner{base: echo(t), vars: variables{"KEY": "k1", "KEY2": "k2", "HEADERS": `{"X":"from"}`}, client: newClient()}
	for _, s := range steps {
		if err := r.run(t.Context(), s); err != nil {
			return err
		}
	}
	return nil
}

func TestScriptsThatHold(t *testing.T) {
	for name, text := range map[string]string{
		"everything": `
# a comment
POST /a?b=$KEY
X: 1

{"k": "${2 ab}",

# no comment
}

=> 302
.method == "POST"
.url == "/a?b=k1"
.body == "{\"k\": \"abab\",\n\n# no comment\n}\n"
.auth == "Bearer k1"
Location: ^/next$
no Etag
.x == "1"
.list length 3
.list[1] == "two"
.list[-1].id >= 3
.list has {"id": 3}
.list lacks 2
.nothing absent
.x != "2"
.body ~ ^\{"k"
body ~ "method".*\}
body !~ secret
$NEXT = header Location
$TWO = .list[1]

GET $NEXT/$TWO
as KEY2
=> 302
.url == "/next/two"
.auth == "Bearer k2"
.body == ""`,
		"nobody":        "GET /\nas nobody\n=> 302\n.auth == \"\"",
		"headers":       "GET /\nwith headers $HEADERS\n=> 302\n.x == \"from\"",
		"until":         "GET /count\nuntil .n == 3 within 5s\n=> 200\n.n == 3",
		"stream":        "GET /stream\n=> 200\n. length 2\n.[0] == {\"id\":\"1\",\"event\":\"a\",\"data\":{\"x\":1}}\n.[-1].event == \"b\"\nbody ~ ^retry: 1\n.[].event has \"a\"",
		"stream, a bit": "GET /stream\nstop after 1 event\n=> 200\n. length 1",
	} {
		if err := runSteps(t, text); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestScriptsThatFail(t *testing.T) {
	for text, want := range map[string]string{
		"GET /\n=> 200":                                 "status 302, want 200",
		"GET /\n=> 302\n.x == \"1\"":                    `.x is , want == "1"`,
		"GET /\n=> 302\n.y == 1":                        "no such member",
		"GET /\n=> 302\n.list[7] == 1":                  "no such member",
		"GET /\n=> 302\n.list absent":                   "want none",
		"GET /\n=> 302\n.list length 2":                 "want length 2",
		"GET /\n=> 302\n.list lacks 1":                  "want lacks 1",
		"GET /\n=> 302\n.list has 2":                    "want has 2",
		"GET /\n=> 302\n.method != \"GET\"":             "want !=",
		"GET /\n=> 302\nLocation: ^/other":              "does not match",
		"GET /\n=> 302\nno Location":                    "want none",
		"GET /\n=> 302\nbody !~ method":                 "matches",
		"GET /\n=> 302\nbody == x":                      "the body is not",
		"GET /\n=> 302\n.x == $NOPE":                    "$NOPE has no value",
		"GET /$NOPE\n=> 302":                            "$NOPE has no value",
		"GET /\n=> 302\n.x == {":                        "not JSON",
		"GET /\n=> 302\n$A = .x":                        "nothing to keep",
		"GET /count\nuntil .n == -1 within 1ms\n=> 200": ".n is",
		"GET /\n=> 302\nwhat":                           "is no expectation",
		"GET /\nwhat ever\n=> 302":                      "neither a header",
		"what ever":                                     "is no request",
		"GET /":                                         "expects nothing",
		"GET /\nuntil what within 1s\n=> 302":           "is no expectation",
	} {
		err := runSteps(t, text)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestTimesAreVariables(t *testing.T) {
	got, err := variables{}.expand("a ${now+1h} $x $")
	if err != nil || !strings.HasSuffix(got, "Z $x $") {
		t.Error(got, err)
	}
}

func TestAnswersAreCheckedAgainstTheDocument(t *testing.T) {
	project := object{"id": "prj_1", "workspace_id": "ws_1", "name": "n", "created_at": "2026-05-18T14:00:00Z"}
	page := func(data ...any) any { return object{"data": data, "has_more": false, "next_cursor": nil} }
	without := func(name string) any {
		less := object{}
		for k, v := range project {
			if k != name {
				less[k] = v
			}
		}
		return page(less)
	}
	with := func(name string, value any) any {
		more := maps.Clone(project)
		more[name] = value
		return more
	}
	list := step{method: "GET", target: "/v1/projects?limit=1"}
	header := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	problem := http.Header{"Content-Type": {"application/problem+json"}}
	for name, c := range map[string]struct {
		step step
		ans  answer
		want string
	}{
		"good":               {list, answer{200, header, "", page(project)}, ""},
		"one of two missing": {list, answer{200, header, "", without("name")}, "document: .data[0].name is required"},
		"wrong type":         {list, answer{200, header, "", object{"data": object{}, "has_more": false, "next_cursor": nil}}, "document: .data must be [array]"},
		"wrong nullable":     {list, answer{200, header, "", object{"data": []any{}, "has_more": false, "next_cursor": 1.0}}, "document: .next_cursor must be [string null]"},
		"wrong media type":   {list, answer{200, problem, "", page()}, `the media type "application/problem+json" is not documented`},
		"default":            {list, answer{500, problem, "", object{}}, "document: .type is required"},
		"unknown path":       {step{method: "GET", target: "/v1/nope"}, answer{404, problem, "", nil}, ""},
		"unknown member":     {list, answer{200, header, "", page(with("owner", "me"))}, "document: .data[0].owner is not documented"},
		"wrong form":         {list, answer{200, header, "", page(with("created_at", "18 May"))}, "document: .data[0].created_at \"18 May\" has not the format date-time"},
		"unknown operation":  {step{method: "GET", target: "/v1/nope"}, answer{200, header, "", object{}}, "the operation is not documented"},
		"head":               {step{method: "HEAD", target: "/v1/projects"}, answer{200, header, "", nil}, ""},
		"unknown status":     {step{method: "GET", target: "/livez"}, answer{404, header, "", nil}, "the status is not documented"},
		"enum":               {step{method: "GET", target: "/health"}, answer{200, header, "", object{"status": "fine"}}, "is required|must be one of"},
		"const":              {step{method: "GET", target: "/livez"}, answer{200, header, "", object{"status": "dead", "version": "1", "uptime": 1.0, "apis": object{"sessions": "1", "conversations": "1"}}}, "document: .status must be alive"},
		"fraction":           {step{method: "GET", target: "/livez"}, answer{200, header, "", object{"status": "alive", "version": "1", "uptime": 1.5, "apis": object{"sessions": "1", "conversations": "1"}}}, "document: .uptime must be [integer]"},
	} {
		got := ""
		if err := documented(c.step, c.ans); err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" || got != c.want && !anyIn(got, c.want) {
			t.Errorf("%s: %s", name, cmp.Diff(c.want, got))
		}
	}
}

func anyIn(s, alternatives string) bool {
	for _, a := range strings.Split(alternatives, "|") {
		if a != "" && strings.Contains(s, a) {
			return true
		}
	}
	return false
}
