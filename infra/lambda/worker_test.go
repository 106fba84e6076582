package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/infra/lambda/build"
	"griot/internal/api/hosttest"
	"griot/internal/queue"
	"griot/internal/setup"
	"griot/internal/setup/queues"
	"griot/internal/task"
)

// killBusy kills all processes of a function that are busy.
func (s *server) killBusy(t testing.TB, function string) {
	t.Helper()
	for _, p := range s.h.platform.Processes(s.h.options.stack + "-" + function) {
		if p.Busy {
			found, err := os.FindProcess(p.PID)
			ok(t, err)
			ok(t, found.Kill())
		}
	}
}

// killOne kills a busy process, if there is one.
func (s *server) killOne(function string) bool {
	for _, p := range s.h.platform.Processes(s.h.options.stack + "-" + function) {
		if p.Busy {
			found, err := os.FindProcess(p.PID)
			return err == nil && found.Kill() == nil
		}
	}
	return false
}

// killer kills a function's processes at any moment of their work until ctx
// ends, and returns how many. It does not kill all: five times would be the
// message's end.
func (s *server) killer(ctx context.Context, function string) (kills int) {
	for ctx.Err() == nil {
		time.Sleep(rand.N(40 * time.Millisecond))
		if rand.IntN(3) == 0 && s.killOne(function) {
			kills++
		}
	}
	return kills
}

// queue is one of the stack's, as an operator reaches it.
func (s *server) queue(t testing.TB, name queue.Name) queue.Queue {
	t.Helper()
	c, err := setup.Stack(os.Getenv, s.h.options.stack)
	ok(t, err)
	q, err := queues.Deployed(t.Context(), c, name)
	ok(t, err)
	return q
}

// Workers are killed at all moments while files come in: every file is read,
// searched and made a conversation, once.
func TestKilledWorkers(t *testing.T) {
	s := start(t)
	t.Parallel()
	content := sample(t, "month-end-close.vtt")
	want := s.result(t, s.Upload(t, content))
	for _, function := range []string{"worker-ingest", "worker-extract", "worker-bridge"} {
		ctx, cancel := context.WithCancel(t.Context())
		kills := make(chan int)
		go func() { kills <- s.killer(ctx, function) }()
		var ids []string
		for range 12 {
			ids = append(ids, s.Upload(t, content))
		}
		time.Sleep(6 * time.Second) // one visibility time of kills
		cancel()
		t.Logf("%s was killed %d times", function, <-kills)
		results := s.compare(t, ids, want)
		s.bringBack(t, results, queue.Name(strings.TrimPrefix(function, "worker-")))
	}
}

// compare waits for what comes of files, beside each other, and compares it
// with what came of one whose workers lived. The channel is closed when all are
// compared.
func (s *server) compare(t *testing.T, ids []string, want map[string]any) <-chan struct{} {
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if got := s.result(t, id); !reflect.DeepEqual(got, want) {
				t.Errorf("%s differs from one whose workers lived:\n%v\n%v", id, got, want)
			}
			s.checkBridged(t, id)
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	return done
}

// bringBack redrives messages that were killed five times, until all results
// are there: a message is dead only when it would have been received once more,
// which is up to a visibility time after the last kill.
func (s *server) bringBack(t *testing.T, results <-chan struct{}, names ...queue.Name) {
	t.Helper()
	for {
		select {
		case <-results:
			return
		case <-time.After(time.Second):
		}
		for _, name := range names {
			q := s.queue(t, name)
			depth, err := q.Depth(t.Context())
			ok(t, err)
			if depth.Dead == 0 {
				continue
			}
			if _, err := q.Redrive(t.Context()); err != nil { // the one before may be under way
				t.Logf("redrive: %v", err)
			}
		}
	}
}

// sweeps is how long a job can take to come back that was not sent because
// its sender was killed: the sweeper sends it after two minutes.
const sweeps = 5 * time.Minute

// result is what came of a file, without what differs from session to session.
func (s *server) result(t testing.TB, id string) map[string]any {
	t.Helper()
	awaitFor(t, sweeps, func() bool {
		return s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)["status"] == "completed"
	})
	sess := s.Call(t, "GET", "/v1/sessions/"+id, nil, 200)
	found := s.Call(t, "GET", "/v1/sessions/"+id+"/extraction", nil, 200)
	return map[string]any{
		"counts": sess["extraction"], "duration": sess["duration_seconds"], "segments": s.Document(t, id),
		"sops": len(found["sop_candidates"].([]any)), "entities": len(found["entity_candidates"].([]any)),
		"risks": len(found["risk_signals"].([]any)),
	}
}

// A message that no worker can handle is dead after five receives, and comes
// back when an operator says so.
func TestPoison(t *testing.T) {
	s := start(t)
	q := s.queue(t, queue.Extract)
	poison := task.Message{Workspace: strings.Repeat("w", 3000), Session: "ses_01HZXA0000000000000000000P"} // longer than any key
	ok(t, q.Send(t.Context(), queue.Outgoing{Body: poison.Encode()}))
	s.awaitDepth(t, q, func(d queue.Depth) bool { return d.Dead == 1 && d.Ready+d.InFlight+d.Delayed == 0 })
	checkAlarm(t, string(queue.Extract), 1)
	if out := s.operate(t, "redrive", string(queue.Extract)); !strings.Contains(out, "1 dead letters are on their way back") {
		t.Errorf("redrive says %q", out)
	}
	s.awaitDepth(t, q, func(d queue.Depth) bool { return d.Dead == 0 && d.Ready+d.InFlight+d.Delayed == 1 })
}

// checkAlarm looks whether so many dead letters of a queue raise the alarm:
// its metric is that of the queue's dead letters, and its threshold less.
func checkAlarm(t *testing.T, name string, dead int) {
	t.Helper()
	root, err := build.Root(".")
	ok(t, err)
	data, err := os.ReadFile(filepath.Join(root, "infra", "observability.yaml"))
	ok(t, err)
	_, alarm, found := strings.Cut(string(data), "AlarmName: !Sub ${Prefix}-"+name+"-dead\n")
	alarm, _, _ = strings.Cut(alarm, "\n\n")
	threshold := regexp.MustCompile(`Threshold: (\d+)`).FindStringSubmatch(alarm)
	if !found || threshold == nil {
		t.Fatalf("there is no alarm for the dead letters of %s", name)
	}
	for _, part := range []string{
		"Namespace: AWS/SQS", "MetricName: ApproximateNumberOfMessagesVisible", "${Prefix}-" + name + "-dead",
		"ComparisonOperator: GreaterThanThreshold",
	} {
		if !strings.Contains(alarm, part) {
			t.Errorf("the alarm has no %q:\n%s", part, alarm)
		}
	}
	if most, err := strconv.Atoi(threshold[1]); err != nil || dead <= most {
		t.Errorf("%d dead letters do not raise an alarm over %s", dead, threshold[1])
	}
}

// The first workspace and key of a stack are made from outside.
func TestFirstKey(t *testing.T) {
	s := start(t)
	workspace := regexp.MustCompile(`ws_\w+`).FindString(s.operate(t, "workspaces", "create", "Acme"))
	key := regexp.MustCompile(`cmk_live_\S+`).FindString(s.operate(t, "keys", "create", "-workspace", workspace))
	made := hosttest.Host{Base: s.Base, Key: key}
	if list := made.Call(t, "GET", "/v1/projects", nil, 200); len(list["data"].([]any)) != 1 {
		t.Errorf("projects: %v", list)
	}
	made.Call(t, "GET", "/api/users/me", nil, 200)
}

// operate runs an operator's command on the stack and returns what it prints,
// without its log: events of the audit name keys, too.
func (s *server) operate(t *testing.T, args ...string) string {
	t.Helper()
	root, err := build.Root(".")
	ok(t, err)
	cmd := exec.Command("go", append([]string{"run", "./infra/local", "-stack", s.h.options.stack}, args...)...)
	cmd.Dir = root
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, &log)
	}
	return string(out)
}

func (s *server) awaitDepth(t *testing.T, q queue.Queue, reached func(queue.Depth) bool) {
	t.Helper()
	awaitFor(t, 2*time.Minute, func() bool { // the pauses between five receives are half a minute
		depth, err := q.Depth(t.Context())
		return err == nil && reached(depth)
	})
}

func awaitFor(t testing.TB, most time.Duration, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(most); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited for %v in vain", most)
		}
	}
}
