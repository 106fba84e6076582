package stack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/infra/stack"
	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/api/sessions"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/fault"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/session/lifecycle"
	"griot/internal/system"
	"griot/internal/system/systemtest"
	"griot/internal/table"
	"griot/internal/table/tabletest"
)

// crowd is both APIs over a table that behaves as DynamoDB does under load: what
// overlaps is refused, and of all calls some are throttled and some lose their
// answers, before or after they took effect.
type crowd struct {
	t        *testing.T
	handler  http.Handler
	key      string
	caller   access.Principal
	table    *tabletest.Contended
	talks    *conversation.Service // as it is, without failures
	sessions *lifecycle.Service

	mu        sync.Mutex
	comeBack  int           // answers of 503
	longest   time.Duration // of one request
	requested int
}

// writeTime is about what a transaction of a few items takes in DynamoDB.
const writeTime = 10 * time.Millisecond

// newCrowd puts something around the table that the APIs are served from.
func newCrowd(t *testing.T, around func(table.Store) table.Store) *crowd {
	ports, _ := systemtest.Embed(t, "http://unused", time.Now)
	on := func(store table.Store) *system.System {
		p := ports.Ports()
		p.Table = store
		return system.New(p, system.Config{Cache: search.NewCache(1 << 20)})
	}
	bare := on(ports.Table)
	ws, _, err := bare.Access.CreateWorkspace(t.Context(), "Acme")
	ok(t, err)
	c := &crowd{t: t, table: tabletest.NewContended(ports.Table, writeTime)}
	c.key, _, err = bare.Access.CreateKey(t.Context(), ws.ID, access.KeyInput{Scopes: []access.Scope{access.All}})
	ok(t, err)
	c.caller = access.Principal{Workspace: ws.ID, KeyID: "k", Scopes: []access.Scope{access.All}}

	store := around(c.table)
	served := on(store)
	c.talks, c.sessions = bare.Conversations, bare.Sessions
	t.Cleanup(served.Access.Settle)
	process := api.Process{Version: "test", Started: time.Now(), Now: time.Now}
	c.handler = api.Handler(
		api.Config{Verify: served.Access.Admit, Table: store, Log: slog.New(slog.NewTextHandler(io.Discard, nil))},
		stack.Endpoints(served.Conversations, served.Sessions, served.Access, process, store, sessions.Streams{})...)
	return c
}

// failing returns a store of which that share of all calls is throttled, and as
// many lose their answers before and after they took effect.
func failing(share float64) func(table.Store) table.Store {
	return func(store table.Store) table.Store {
		for i, kind := range []fault.Kind{fault.Throttled, fault.Before, fault.After} {
			random, faulty := rand.New(rand.NewPCG(uint64(i), 1)), tabletest.NewFaulty(store)
			faulty.Fail(kind, func(tabletest.Call) bool { return random.Float64() < share })
			store = faulty
		}
		return store
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write makes a POST that must succeed in the end.
func (c *crowd) write(path, key, body string) map[string]any {
	status, answer := c.ask("POST", path, key, body)
	if status >= 300 {
		c.t.Errorf("%s: %d %v", path, status, answer)
	}
	return answer
}

// ask repeats a request under one Idempotency-Key, as clients do, until it has an
// answer: one of the server's failures has to be a 503 that says when to come back.
func (c *crowd) ask(method, path, key, body string) (status int, answer map[string]any) {
	for {
		r := httptest.NewRequestWithContext(c.t.Context(), method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+c.key)
		r.Header.Set("Idempotency-Key", key)
		w, begun := httptest.NewRecorder(), time.Now()
		c.handler.ServeHTTP(w, r)
		c.note(w.Code, time.Since(begun))
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil && w.Body.Len() > 0 {
			c.t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		if w.Code < 500 {
			return w.Code, answer
		}
		wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
		if w.Code != http.StatusServiceUnavailable || err != nil || !inDialect(path, w, answer, wait) {
			c.t.Errorf("%s %s: %d %v %s", method, path, w.Code, w.Header(), w.Body)
			return w.Code, answer
		}
		time.Sleep(time.Duration(wait)*time.Second + rand.N(time.Second))
	}
}

func inDialect(path string, w *httptest.ResponseRecorder, answer map[string]any, wait int) bool {
	if strings.HasPrefix(path, "/v1/") {
		return w.Header().Get("Content-Type") == "application/problem+json" && answer["status"] == float64(503)
	}
	return answer["code"] == "SERVICE_UNAVAILABLE" && answer["retryAfter"] == float64(wait)
}

func (c *crowd) note(status int, took time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.requested++
	c.longest = max(c.longest, took)
	if status == http.StatusServiceUnavailable {
		c.comeBack++
	}
}

// together has writers, each of which makes so many requests, one after the other,
// and tells how fast that was.
func (c *crowd) together(what string, writers, each int, do func(writer, n int)) {
	var wg sync.WaitGroup
	begun := time.Now()
	for w := range writers {
		wg.Go(func() {
			for n := range each {
				do(w, n)
			}
		})
	}
	wg.Wait()
	c.t.Logf("%s: %d writers, %.1f done in a second; %d requests, %d told to come back, %d conflicts, the longest took %v",
		what, writers, float64(writers*each)/time.Since(begun).Seconds(), c.requested, c.comeBack, c.table.Conflicts(), c.longest.Round(time.Millisecond))
	if c.longest > 14*time.Second {
		c.t.Errorf("a request took %v, more than a function has", c.longest)
	}
}

// Many write to one session, one conversation, one workspace, over a table under
// load: nothing is lost, nothing is there twice, and what cannot be done is a 503.
func TestCrowdsOverATableUnderLoad(t *testing.T) {
	for name, share := range map[string]float64{"conflicts": 0, "conflicts and failures": 0.02} {
		for what, run := range map[string]func(*crowd){
			"one session": (*crowd).appends, "one conversation": (*crowd).memories,
			"one workspace": (*crowd).conversations, "one request": (*crowd).oneRequest, "everything": (*crowd).everything,
		} {
			t.Run(name+"/"+what, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCrowd(t, failing(share))
					if run(c); c.table.Conflicts() == 0 && share == 0 && what != "one workspace" { // whose rows are many
						t.Error("nothing collided: the test shows nothing")
					}
				})
			})
		}
	}
}

func (c *crowd) create(key, title string) string {
	id, _ := c.write("/v1/sessions", key, `{"template":"open_exploration","interviewee_email":"ann@acme.com","title":"`+title+`"}`)["id"].(string)
	return id
}

func (c *crowd) appends() {
	id := c.create("create", "Talk")
	c.together("segments of one session", 12, 8, func(w, n int) {
		c.write("/v1/sessions/"+id+"/segments", fmt.Sprintf("append %d %d", w, n),
			fmt.Sprintf(`{"source":"mic-%d","segments":[{"client_seq":%d,"text":"%s"}]}`, w, n, said(w, n)))
	})
	_, segments, err := c.sessions.Capture.AllSegments(c.t.Context(), c.caller, id)
	ok(c.t, err)
	var got []string
	for i, seg := range segments {
		if got = append(got, seg.Text); seg.Seq != int64(i+1) {
			c.t.Errorf("segment %d has seq %d", i+1, seg.Seq)
		}
	}
	c.same(got, 12, 8)
}

func said(writer, n int) string { return fmt.Sprintf("%d says %d", writer, n) }

// same checks that what so many writers said is there, each thing once.
func (c *crowd) same(got []string, writers, each int) {
	var want []string
	for w := range writers {
		for n := range each {
			want = append(want, said(w, n))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		c.t.Errorf("what is there (-want +got):\n%s", diff)
	}
}

func (c *crowd) memories() {
	id, _ := c.write("/api/conversations", "create", `{"title":"Talk"}`)["data"].(map[string]any)["id"].(string)
	c.together("memories of one conversation", 12, 8, func(w, n int) {
		c.write("/api/memories", fmt.Sprintf("memory %d %d", w, n),
			fmt.Sprintf(`{"conversationId":%q,"content":%q,"topics":["All","T%d"]}`, id, said(w, n), w%3))
	})
	tl, err := (&memory.Service{Conversations: c.talks}).Timeline(c.t.Context(), c.caller, id, 0, 0)
	ok(c.t, err)
	var got []string
	for m, err := range tl.Memories {
		ok(c.t, err)
		got = append(got, m.Content)
	}
	c.same(got, 12, 8)
	conv, err := c.talks.Get(c.t.Context(), c.caller, id)
	if ok(c.t, err); conv.Memories != 12*8 || tl.Count != 12*8 {
		c.t.Errorf("the conversation counts %d memories, its timeline %d", conv.Memories, tl.Count)
	}
}

// conversations are begun by memories, as agents do.
func (c *crowd) conversations() {
	c.together("conversations of one workspace", 12, 8, func(w, n int) {
		c.write("/api/memories", fmt.Sprintf("begin %d %d", w, n),
			fmt.Sprintf(`{"conversationId":"NEW","content":%q,"topics":["All"]}`, said(w, n)))
	})
	page, err := c.talks.List(c.t.Context(), c.caller, conversation.ListInput{Limit: 100})
	ok(c.t, err)
	var got []string
	for _, conv := range page.Conversations {
		got = append(got, conv.Title)
	}
	c.same(got, 12, 8)
	if page.Total != 12*8 {
		c.t.Errorf("the list counts %d", page.Total)
	}
}

// oneRequest is sent by many at once.
func (c *crowd) oneRequest() {
	ids := make([]string, 12)
	c.together("one request for a session", 12, 1, func(w, _ int) { ids[w] = c.create("the same", "Talk") })
	page, err := c.sessions.Sessions.List(c.t.Context(), c.caller, session.ListInput{Limit: 50})
	ok(c.t, err)
	if len(page.Sessions) != 1 || len(slices.Compact(ids)) != 1 {
		c.t.Errorf("%d sessions, told as %q", len(page.Sessions), ids)
	}
}

// everything is done at once to few things; much of it is refused since somebody
// else was faster, and nothing ends in an error of the server.
func (c *crowd) everything() {
	const live = `{"template":"open_exploration","interviewee_email":"ann@acme.com","title":"Talk","project_id":%q}`
	project, _ := c.write("/v1/projects", "project", `{"name":"Finance"}`)["id"].(string)
	var talks, spoken, keys []string
	for i := range 2 {
		talk, _ := c.write("/api/conversations", fmt.Sprint("talk", i), `{"title":"Talk"}`)["data"].(map[string]any)["id"].(string)
		session, _ := c.write("/v1/sessions", fmt.Sprint("session", i), fmt.Sprintf(live, project))["id"].(string)
		key, _ := c.write("/api/apikeys", fmt.Sprint("key", i), `{"label":"k"}`)["data"].(map[string]any)["id"].(string)
		talks, spoken, keys = append(talks, talk), append(spoken, session), append(keys, key)
	}
	requests := [][3]string{
		{"POST", "/v1/sessions", fmt.Sprintf(live, project)}, {"POST", "/v1/uploads", `{"size_bytes":10}`}, {"POST", "/v1/projects", `{"name":"P"}`},
		{"GET", "/v1/sessions", ""}, {"GET", "/api/conversations", ""}, {"GET", "/api/topics", ""}, {"GET", "/api/apikeys", ""}, {"POST", "/api/apikeys", ""},
		{"PUT", "/api/memories/named/plan", `{"content":"the plan"}`}, {"POST", "/api/memories", `{"conversationId":"NEW","content":"x","name":"plan"}`},
		{"POST", "/api/conversations/search", `{"query":"plan"}`},
	}
	var ends [][3]string
	for i := range talks {
		talk, session := talks[i], spoken[i]
		requests = append(requests,
			[3]string{"POST", "/v1/sessions/" + session + "/segments", `{"segments":[{"client_seq":%d,"text":"said"}]}`},
			[3]string{"POST", "/v1/sessions/" + session + "/segments", `{"segments":[{"client_seq":%d,"text":"said"}]}`},
			[3]string{"GET", "/v1/sessions/" + session, ""},
			[3]string{"POST", "/api/memories", `{"conversationId":"` + talk + `","content":"memory","topics":["A","B"]}`},
			[3]string{"POST", "/api/memories", `{"conversationId":"` + talk + `","content":"memory","topics":["B"]}`},
			[3]string{"PATCH", "/api/conversations/" + talk, `{"title":"Other"}`}, [3]string{"GET", "/api/conversations/" + talk + "/timeline", ""})
		ends = append(ends,
			[3]string{"POST", "/v1/sessions/" + session + "/complete", ""}, [3]string{"POST", "/v1/sessions/" + session + "/cancel", ""},
			[3]string{"DELETE", "/v1/sessions/" + session, ""}, [3]string{"DELETE", "/api/conversations/" + talk, ""},
			[3]string{"DELETE", "/api/apikeys/" + keys[i], ""})
	}
	var answered [600]int
	c.together("everything", 12, 16, func(w, n int) {
		c.mu.Lock()
		if w == 0 && n == 12 {
			requests = append(requests, ends...)
		}
		request := requests[rand.IntN(len(requests))]
		c.mu.Unlock()
		body := strings.ReplaceAll(request[2], "%d", strconv.Itoa(16*w+n))
		status, _ := c.ask(request[0], request[1], fmt.Sprintf("%d %d", w, n), body)
		c.mu.Lock()
		defer c.mu.Unlock()
		answered[status]++
	})
	for status, n := range answered {
		if n > 0 {
			c.t.Logf("status %d: %d", status, n)
		}
	}
	if answered[http.StatusOK]+answered[http.StatusCreated] < 12*16/4 {
		c.t.Error("hardly anything succeeded: the test shows little")
	}
}

// The time of a request is paid for once, however often its transaction collides.
func TestTheClockIsReadOnceARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var paid, refused int
		c := newCrowd(t, func(store table.Store) table.Store {
			faulty := tabletest.NewFaulty(store)
			faulty.Fail(fault.Conflict, func(call tabletest.Call) bool {
				if call.Method == "Write" && strings.HasSuffix(call.Ops[0].Key.PK, "#clock") {
					paid++
				}
				if call.Method != "Transact" || refused == 3 {
					return false
				}
				refused++
				return true
			})
			return faulty
		})
		for _, request := range [][2]string{
			{"/v1/uploads", `{"size_bytes":10}`},
			{"/v1/sessions", `{"template":"open_exploration","interviewee_email":"ann@acme.com","title":"Talk"}`},
			{"/api/conversations", `{"title":"Talk"}`},
			{"/api/memories", `{"conversationId":"NEW","content":"said"}`},
			{"/v1/projects", `{"name":"Finance"}`},
		} {
			time.Sleep(time.Second) // so that the clock has a later one to give
			paid, refused = 0, 0
			if c.write(request[0], "key", request[1]); paid != 1 || refused != 3 {
				t.Errorf("%s: %d collisions, and the clock was written %d times", request[0], refused, paid)
			}
		}
	})
}
