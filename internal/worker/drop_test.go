package worker_test

import (
	"strings"
	"testing"
	"time"

	"griot/internal/blob/blobtest"
	"griot/internal/fault"
	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/session/upload"
	"griot/internal/task"
)

// A drop of which no session can come is moved where its owner finds it with
// the reason, whatever fails on the way.
func TestRefusedDropsSurviveEveryFailure(t *testing.T) {
	for _, kind := range []fault.Kind{fault.Before, fault.After, fault.Midway} {
		fault.Each(t, kind.String(), func(t *testing.T, n int, armed func(interface{ Fired() int })) {
			w := newWorld(t)
			path := w.caller.Workspace + "/prj_unknown/system_ownership/ode.txt"
			put(w, upload.InboxPrefix+path, interview)
			faulty := blobtest.NewFaulty(w.blobs)
			w.blobs = faulty
			w.assemble()
			armed(faulty)
			faulty.FailNth(n, kind, nil)
			ok(t, w.queues[queue.Ingest].Send(t.Context(), queue.Outgoing{Body: task.Message{Object: upload.InboxPrefix + path}.Encode()}))
			for range 3 {
				w.drain()
				w.advance(time.Hour) // the message is visible again
			}
			faulty.Heal()
			checkRefused(w, path, "there is no such workspace, or it has no such project")
		})
	}
}

// checkRefused checks that one drop is all there is, and was refused.
func checkRefused(w *world, path, refusal string) {
	w.t.Helper()
	objects, _, err := w.blobs.List(w.t.Context(), "", "")
	ok(w.t, err)
	var keys []string
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	want := upload.RefusedPrefix + path
	if got := strings.Join(keys, " "); got != want+" "+want+upload.ReasonSuffix {
		w.t.Fatalf("objects: %s", got)
	}
	if got := readAll(w, want); got != interview {
		w.t.Errorf("the drop is %q now", got)
	}
	if got := readAll(w, want+upload.ReasonSuffix); !strings.Contains(got, refusal) || !strings.Contains(got, path) || !strings.Contains(got, "7 days") {
		w.t.Errorf("the reason is %q", got)
	}
	page, err := w.sessions.Sessions.List(w.t.Context(), w.caller, session.ListInput{Limit: 50})
	ok(w.t, err)
	if len(page.Sessions) > 0 {
		w.t.Errorf("a session came of it: %+v", page.Sessions)
	}
}

func TestWhichDropsAreRefused(t *testing.T) {
	w := newWorld(t)
	template := "/" + w.project + "/system_ownership/"
	for path, refusal := range map[string]string{
		"note.txt": "the path is not",
		w.caller.Workspace + "/" + w.project + "/x.vtt":                    "the path is not",
		"acme" + template + "x.vtt":                                        "no workspace's id",
		w.caller.Workspace + "/" + w.project + "/poem/x.vtt":               "no template; there are: operational_workflow",
		"ws_01HZXA0000000000000000000P" + template + "x.vtt":               "no such workspace",
		w.caller.Workspace + template + "a\xffb.vtt":                       "UTF-8",
		w.caller.Workspace + template + strings.Repeat("long/", 300) + "x": "1024 bytes",
		w.caller.Workspace + template + "x.vtt":                            "",
	} {
		got, err := w.sessions.Uploads.CheckDrop(t.Context(), upload.InboxPrefix+path)
		if err != nil || refusal == "" && got != "" || !strings.Contains(got, refusal) {
			t.Errorf("%.80q: %q, %v", path, got, err)
		}
	}
}

// What was refused is no drop, and a name that leaves no room for the longer
// path is refused all the same.
func TestRefusedDropsAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	drop(w, upload.RefusedPrefix+w.caller.Workspace+"/"+w.project+"/system_ownership/x.vtt", interview)
	drop(w, upload.InboxPrefix+strings.Repeat("long/", 200)+"x", interview)
	w.drain()
	objects, _, err := w.blobs.List(t.Context(), "", "")
	ok(t, err)
	for _, o := range objects {
		if !strings.HasPrefix(o.Key, upload.RefusedPrefix) {
			t.Errorf("%s is not where refused drops are", o.Key)
		}
	}
	if len(objects) != 3 {
		t.Errorf("%d objects, want what was there, what was refused and why", len(objects))
	}
}

// A title is on one line, whatever a file is called.
func TestTitlesOfDrops(t *testing.T) {
	for name, want := range map[string]string{
		"close.vtt": "close.vtt", "two\nlines\t.vtt": "two lines .vtt", "\u200b": "Untitled", strings.Repeat("e", 501): strings.Repeat("e", 500),
	} {
		w := newWorld(t)
		drop(w, upload.InboxPrefix+w.caller.Workspace+"/"+w.project+"/system_ownership/"+name, interview)
		w.drain()
		page, err := w.sessions.Sessions.List(t.Context(), w.caller, session.ListInput{Limit: 10})
		if ok(t, err); len(page.Sessions) != 1 || page.Sessions[0].Title != want {
			t.Errorf("%.20q: %+v, want %.20q", name, page.Sessions, want)
		}
	}
}
