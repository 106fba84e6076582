package main

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"griot/infra/tenancy"
	"griot/internal/api/hosttest"
	"griot/internal/queue"
)

// world is a data set in which something of every kind is, some of it with its
// jobs still to be done. It tells what one version wrote to another.
type world struct {
	Key     string   `json:"key"`     // that may do everything in its workspace
	Paths   []string `json:"paths"`   // what can be read of it, and stays as it is
	Lists   []string `json:"lists"`   // what can be read and changes with the jobs
	Open    string   `json:"open"`    // a live session
	Waiting []string `json:"waiting"` // sessions that end when the jobs are done
	Again   string   `json:"again"`   // a completed session that is to be extracted again
	Deleted []string `json:"deleted"` // receipts that are done then
	Word    string   `json:"word"`    // that a search finds before and after
	Late    string   `json:"late"`    // that a search finds when the jobs are done
}

// interview is a small file about a thing.
func interview(thing string) string {
	return fmt.Sprintf("WEBVTT\n\n00:01.000 --> 00:05.000\n<v Maud>How do you close the %[1]s?\n\n"+
		"00:06.000 --> 00:20.000\n<v Piet>First, I drain the %[1]s. Then I lock the gate. Last, Maud signs the log.\n\n"+
		"00:21.000 --> 00:30.000\n<v Piet>I am the only one who knows how to open the %[1]s again.\n", thing)
}

// create makes a world in a host that it has serve from now on, until end. The
// workers run only until the second part begins: the jobs of that are left.
func create(t *testing.T, h *host) (w world, c hosttest.Host, end func()) {
	t.Helper()
	env, err := tenancy.Furnish(t.Context(), h.Access, tenancy.Env{})
	ok(t, err)
	w = world{Key: env.First.Key, Word: "penstock", Late: "sluicegate"}
	c, end = h.served(w.Key)
	working, stop := context.WithCancel(t.Context())
	background := h.background(working)
	w.settled(t, c)
	await(t, func() bool { return h.idle(t) })
	stop()
	background.Wait()
	w.unsettled(t, c)
	return w, c, end
}

// served has the host's APIs listen, until end.
func (h *host) served(key string) (c hosttest.Host, end func()) {
	server := &http.Server{Handler: h.handler()}
	ended := make(chan error)
	go func() { ended <- server.Serve(h.listener) }()
	return hosttest.Host{Base: h.base, Key: key}, func() { _ = server.Close(); <-ended }
}

// idle reports whether there are no jobs but such as wait for their time.
func (h *host) idle(t *testing.T) bool {
	for _, name := range queue.Names {
		d, err := h.Queues[name].Depth(t.Context())
		ok(t, err)
		if d.Ready+d.InFlight > 0 {
			return false
		}
	}
	return true
}

// settled is all that has come to its end.
func (w *world) settled(t *testing.T, c hosttest.Host) {
	t.Helper()
	file := c.Upload(t, interview(w.Word))
	w.Again = c.Upload(t, interview("culvert"))
	live := c.Live(t)
	c.Say(t, live, 0, 40)
	c.Call(t, "POST", "/v1/sessions/"+live+"/complete", nil, 200)
	broken := c.Upload(t, "%PDF-1.7\n%âãÏÓ\n1 0 obj")
	cancelled := c.Live(t)
	c.Say(t, cancelled, 0, 2)
	c.Call(t, "POST", "/v1/sessions/"+cancelled+"/cancel", nil, 200)
	scheduled := c.Call(t, "POST", "/v1/sessions", map[string]string{
		"template": "system_ownership", "title": "Next spring", "interviewee_email": "piet@acme.com", "scheduled_for": time.Now().AddDate(0, 11, 0).UTC().Format(time.RFC3339),
	}, 201)["id"].(string)
	for _, id := range []string{file, w.Again, live, broken} {
		c.Ended(t, id)
	}
	gone := c.Live(t)
	receipt := c.Call(t, "DELETE", "/v1/sessions/"+gone, nil, 202)["id"].(string)
	for _, id := range []string{file, live, broken, cancelled, scheduled} {
		w.Paths = append(w.Paths, "/v1/sessions/"+id, "/v1/sessions/"+id+"/segments?limit=100")
	}
	for _, id := range []string{file, live} {
		hosttest.Await(t, func() bool { return c.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["conversation_id"] != nil })
		conversation := c.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["conversation_id"].(string)
		w.Paths = append(w.Paths, "/v1/sessions/"+id+"/extraction", "/v1/sessions/"+id+"/transcript?format=json",
			"/api/conversations/"+conversation, "/api/conversations/"+conversation+"/timeline")
	}
	w.Paths = append(w.Paths, "/v1/deletions/"+receipt, "/v1/projects")
	w.remember(t, c)
}

// remember makes a conversation by hand, with topics of which two are one
// afterwards, memories that are changed and removed, and a named one.
func (w *world) remember(t *testing.T, c hosttest.Host) {
	t.Helper()
	var ids []string
	conversation := "NEW"
	for i, topics := range [][]string{{"weir"}, {"weir", "lock"}, {"lock"}, {"weir keeper"}, {}} {
		made := c.Call(t, "POST", "/api/memories", map[string]any{
			"conversationId": conversation, "content": fmt.Sprintf("Memory %d of the %s on the canal.", i, w.Word), "topics": topics,
		}, 201)
		ids = append(ids, made["data"].(map[string]any)["id"].(string))
		conversation = made["meta"].(map[string]any)["conversationId"].(string)
	}
	c.Call(t, "POST", "/api/memories", map[string]any{"conversationId": conversation, "name": "opening-hours", "content": "Nine to five."}, 201)
	c.Call(t, "PUT", "/api/memories/"+ids[1], map[string]any{"content": "Memory 1, corrected, of the " + w.Word + "."}, 200)
	c.Call(t, "DELETE", "/api/memories/"+ids[2], nil, 204)
	c.Call(t, "PATCH", "/api/conversations/"+conversation, map[string]any{"title": "The canal"}, 200)
	c.Call(t, "POST", "/api/topics/merge", map[string]any{"sourceTopicId": "weir keeper", "targetTopicId": "weir"}, 200)
	w.Paths = append(w.Paths, "/api/conversations/"+conversation, "/api/conversations/"+conversation+"/timeline",
		"/api/memories/"+ids[0], "/api/memories/"+ids[1], "/api/memories/named/opening-hours", "/api/memories?limit=100&conversationId="+conversation,
		"/api/topics/weir")
	w.Lists = []string{"/api/topics?limit=100", "/api/conversations?limit=100", "/v1/sessions?limit=100", "/v1/sessions/" + w.Again + "/extraction"}
}

// unsettled is what has its jobs before it.
func (w *world) unsettled(t *testing.T, c hosttest.Host) {
	t.Helper()
	w.Open = c.Live(t)
	c.Say(t, w.Open, 0, 5)
	said := c.Live(t)
	c.Say(t, said, 0, 5)
	c.Call(t, "POST", "/v1/sessions/"+said+"/complete", nil, 200)
	w.Waiting = []string{said, c.Upload(t, interview(w.Late))}
	c.Call(t, "POST", "/v1/sessions/"+w.Again+"/extraction", map[string]string{"extractor": "rules"}, 202)
	gone := c.Live(t)
	c.Say(t, gone, 0, 5)
	w.Deleted = []string{c.Call(t, "DELETE", "/v1/sessions/"+gone, nil, 202)["id"].(string)}
	made := c.Call(t, "POST", "/api/memories", map[string]any{"conversationId": "NEW", "content": "To be forgotten."}, 201)
	conversation := made["meta"].(map[string]any)["conversationId"].(string)
	c.Call(t, "DELETE", "/api/conversations/"+conversation, nil, 204)
}

// changing are members that differ from one reading to the next.
var changing = map[string]bool{"instance": true, "requestId": true, "searchTime": true, "score": true, "timestamp": true}

// compare says where got lacks something of want, or has it otherwise. What is
// there beside is a later version's.
func compare(at string, want, got any) string {
	switch want := want.(type) {
	case map[string]any:
		have, _ := got.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if changing[name] {
				continue
			}
			if _, there := have[name]; !there {
				return at + "." + name + " is missing"
			}
			if diff := compare(at+"."+name, want[name], have[name]); diff != "" {
				return diff
			}
		}
	case []any:
		have, _ := got.([]any)
		if len(have) != len(want) {
			return fmt.Sprintf("%s has %d elements, not %d", at, len(have), len(want))
		}
		for i := range want {
			if diff := compare(fmt.Sprintf("%s[%d]", at, i), want[i], have[i]); diff != "" {
				return diff
			}
		}
	default:
		if want != got {
			return fmt.Sprintf("%s is %v, not %v", at, got, want)
		}
	}
	return ""
}

// readAll reads what can be read of a world.
func readAll(t *testing.T, c hosttest.Host, paths ...string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, path := range paths {
		var answer any
		c.Decode(t, path, &answer)
		out[path] = answer
	}
	return out
}

// compareAll compares what can be read with what another version says.
func compareAll(t *testing.T, want, got map[string]any) {
	t.Helper()
	for _, path := range slices.Sorted(maps.Keys(want)) {
		if diff := compare("answer", want[path], got[path]); diff != "" {
			t.Errorf("GET %s: %s", path, diff)
		}
	}
}

// goOn ends the live session, with more words.
func (w world) goOn(t *testing.T, c hosttest.Host) {
	t.Helper()
	c.Say(t, w.Open, 5, 5)
	c.Call(t, "POST", "/v1/sessions/"+w.Open+"/complete", nil, 200)
}

// worksOff waits until all jobs have had their effect.
func (w world) worksOff(t *testing.T, c hosttest.Host) {
	t.Helper()
	for _, id := range w.Waiting {
		if status := c.Ended(t, id); status != "completed" {
			t.Errorf("the session %s is %s", id, status)
		}
		hosttest.Await(t, func() bool { return c.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["conversation_id"] != nil })
	}
	hosttest.Await(t, func() bool {
		return c.Call(t, "GET", "/v1/sessions/"+w.Again+"/extraction", nil, 200)["status"] == "ready"
	})
	for _, id := range w.Deleted {
		hosttest.Await(t, func() bool { return c.Call(t, "GET", "/v1/deletions/"+id, nil, 200)["status"] == "done" })
	}
	for _, word := range []string{w.Word, w.Late} {
		hosttest.Await(t, func() bool {
			found := c.Call(t, "POST", "/api/conversations/search", map[string]string{"query": word}, 200)
			return len(found["data"].([]any)) > 0
		})
	}
	if status, n := c.Ended(t, w.Open), len(c.Document(t, w.Open)); status != "completed" || n != 10 {
		t.Errorf("the live session is %s with %d segments", status, n)
	}
}
