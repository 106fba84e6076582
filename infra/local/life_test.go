package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"griot/infra/tenancy"
	"griot/internal/api/hosttest"
	"griot/internal/disk/disktest"
	"griot/internal/session/upload"
)

// TestMain lets the test binary be the program itself, for tests that kill it.
func TestMain(m *testing.M) {
	disktest.Main(m, func(args string) error {
		if file := os.Getenv("GRIOT_CHILD_USAGE"); file != "" {
			go tellUsage(file)
		}
		return run(context.Background(), strings.Split(args, " "), os.Stdout, os.Stderr)
	})
}

// child starts the program as a process of its own.
func child(t testing.TB, data string, flags ...string) (*server, *exec.Cmd) {
	t.Helper()
	ready := newEnv(data)
	cmd := disktest.Child(strings.Join(append([]string{"-addr", "127.0.0.1:0", "-data", data}, flags...), " "))
	ok(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // may have ended
		_ = cmd.Wait()
	})
	s := &server{data: data}
	await(t, func() bool { return ready(s) })
	return s, cmd
}

// TestKilledServerLosesNothing kills the server with a live session, an
// upload and readers under way, again and again.
func TestKilledServerLosesNothing(t *testing.T) {
	data := t.TempDir()
	s, cmd := child(t, data)
	id := s.Live(t)
	file := s.Upload(t, sample(t, "month-end-close.vtt"))
	var acked atomic.Int64
	for round := range 3 {
		var wg sync.WaitGroup
		wg.Go(func() {
			for from := round * 1000; s.tries(id, from); from++ {
				acked.Add(1)
			}
		})
		await(t, func() bool { return acked.Load() >= int64(20*(round+1)) })
		disktest.Kill(t, cmd)
		wg.Wait()
		s, cmd = child(t, data)
		for from := round * 1000; from < round*1000+20; from++ { // all of them were acknowledged
			if !s.tries(id, from) {
				t.Errorf("segment %d was not taken again", from)
			}
		}
	}
	s.Call(t, "POST", "/v1/sessions/"+id+"/complete", nil, 200)
	for _, id := range []string{id, file} {
		if status := s.Ended(t, id); status != "completed" {
			t.Errorf("a session is %s", status)
		}
	}
	segments := s.Document(t, id)
	if n := int64(len(segments)); n < acked.Load() || n > acked.Load()+3 {
		t.Errorf("%d segments, %d were acknowledged", n, acked.Load())
	}
	slices.Sort(segments)
	if len(slices.Compact(segments)) != len(s.Document(t, id)) {
		t.Error("a segment is there twice")
	}
	if n := len(s.Document(t, file)); n != 347 {
		t.Errorf("the file has %d segments", n)
	}
}

// tries appends one segment and reports whether it was acknowledged.
func (s *server) tries(id string, seq int) bool {
	body := fmt.Sprintf(`{"segments":[{"client_seq":%d,"text":"Number %d."}]}`, seq, seq)
	req, err := http.NewRequest(http.MethodPost, s.Base+"/v1/sessions/"+id+"/segments", strings.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+s.env.First.Key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err == nil && resp.StatusCode == http.StatusOK
}

func TestKeysSurviveRestarts(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	first := s.env
	info, err := os.Stat(tenancy.Path(data))
	ok(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("the env file has the mode %v", info.Mode())
	}
	ok(t, s.stop())
	second := start(t, data).env
	second.Base = first.Base // the port is another
	if first != second {
		t.Errorf("env changed from %v to %v", first, second)
	}
	for _, key := range []string{first.First.Key, first.Second.Key} {
		if !strings.HasPrefix(key, "cmk_live_") {
			t.Errorf("a key begins with %.9s", key)
		}
	}
	if first.First.Workspace == first.Second.Workspace || first.ProjectA == first.ProjectB {
		t.Errorf("workspaces or projects are the same: %v", first)
	}
}

func TestMemoryLeavesNothing(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-data", nowhere}, io.Discard, io.Discard) }()
	await(t, func() bool {
		found, err := filepath.Glob(filepath.Join(temp, "griot-*", "env"))
		return err == nil && len(found) == 1
	})
	cancel()
	ok(t, <-ended)
	left, err := os.ReadDir(temp)
	ok(t, err)
	if len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestOperatorWithAndWithoutServer(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	created := command(t, data, "keys", "create", "-workspace", s.env.First.Workspace, "-label", "ci", "-scopes", "sessions:read")
	key := pick(created, "cmk_live_")
	limited := hosttest.Host{Base: s.Base, Key: key}
	limited.Call(t, "GET", "/v1/sessions", nil, 200)
	limited.Call(t, "POST", "/v1/sessions", map[string]string{
		"template": "open_exploration", "title": "x", "interviewee_email": "a@b.co",
	}, 403)
	command(t, data, "keys", "revoke", strings.Split(key, ".")[0])
	limited.Call(t, "GET", "/v1/sessions", nil, 401)
	ok(t, s.stop())
	if list := command(t, data, "keys", "list", "-workspace", s.env.First.Workspace); !strings.Contains(list, "ci") {
		t.Errorf("without a server the keys are:\n%s", list)
	}
	if out := command(t, data, "redrive", "extract"); !strings.Contains(out, "no dead letters") {
		t.Errorf("redrive says:\n%s", out)
	}
	command(t, data, "workspaces", "create", "Third")
	if list := command(t, data, "workspaces", "list"); !strings.Contains(list, "Third") {
		t.Errorf("the workspaces are:\n%s", list)
	}
}

func TestStackIsTakenFromAnywhere(t *testing.T) {
	for _, args := range [][]string{
		{"keys", "create", "-stack", "prod", "-label", "a"}, {"keys", "-stack=prod", "create", "-label", "a"},
		{"--stack", "prod", "keys", "create", "-label", "a"},
	} {
		rest, stack, err := takeStack(args)
		if ok(t, err); stack != "prod" || strings.Join(rest, " ") != "keys create -label a" {
			t.Errorf("%v: %q, %q", args, stack, rest)
		}
	}
	if _, _, err := takeStack([]string{"keys", "list", "-stack"}); err == nil {
		t.Error("-stack without a name was taken")
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	err := run(t.Context(), []string{"keys", "list", "-stack", "prod"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "export-credentials") {
		t.Errorf("without credentials: %v", err)
	}
}

// refusal is an error as AWS's clients return it.
type refusal string

func (r refusal) Error() string     { return "AWS says " + string(r) }
func (r refusal) ErrorCode() string { return string(r) }

func TestErrorsOfStacks(t *testing.T) {
	for code, want := range map[string]string{
		"ResourceNotFoundException": "there is no stack griot-dev in eu-west-1", "AWS.SimpleQueueService.NonExistentQueue": "there is no stack",
		"AccessDeniedException": "stack griot-dev in eu-west-1: ",
	} {
		err := inStack("griot-dev", "eu-west-1", fmt.Errorf("reading: %w", refusal(code)))
		if !strings.HasPrefix(err.Error(), want) || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

func command(t testing.TB, data string, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	ok(t, run(t.Context(), append([]string{"-data", data}, args...), &out, &out))
	return out.String()
}

// pick returns the first word of out that begins with prefix and has a dot.
func pick(out, prefix string) string {
	for _, word := range strings.Fields(out) {
		if strings.HasPrefix(word, prefix) && strings.Contains(word, ".") {
			return word
		}
	}
	return ""
}

func TestIngestWithAndWithoutServer(t *testing.T) {
	data := t.TempDir()
	file := filepath.Join("sample", "onboarding.md")
	alone := command(t, data, "ingest", file, "-template", "onboarding_handoff")
	s := start(t, data)
	through := command(t, data, "ingest", "-title", "Again", file)
	for name, out := range map[string]string{"alone": alone, "through the server": through} {
		for _, want := range []string{"procedures", "entities", "risk signals", "“"} {
			if !strings.Contains(out, want) {
				t.Errorf("%s: no %q in\n%s", name, want, out)
			}
		}
	}
	if n := len(s.Call(t, "GET", "/v1/sessions", nil, 200)["data"].([]any)); n != 2 {
		t.Errorf("%d sessions, want 2", n)
	}
	err := run(t.Context(), []string{"-data", data, "ingest", os.Args[0]}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "unsupported_format") {
		t.Errorf("ingesting a program: %v", err)
	}
}

func TestInboxTakesStableFiles(t *testing.T) {
	s := start(t, t.TempDir())
	project := s.Call(t, "GET", "/v1/projects", nil, 200)["data"].([]any)[0].(map[string]any)["id"].(string)
	inbox := filepath.Join(s.data, "inbox", s.env.First.Workspace, project)
	ok(t, os.MkdirAll(filepath.Join(inbox, "system_ownership"), 0o700))
	ok(t, os.MkdirAll(filepath.Join(inbox, "poem"), 0o700))
	stray := filepath.Join(inbox, "poem", "ode.txt")
	ok(t, os.WriteFile(stray, []byte("Ann: hello"), 0o600))
	f, err := os.Create(filepath.Join(inbox, "system_ownership", "talk.md"))
	ok(t, err)
	defer f.Close()
	whole := sample(t, "onboarding.md")
	for part := range slices.Chunk([]byte(whole), len(whole)/3) { // a slow copy
		_, err := f.Write(part)
		ok(t, err)
		time.Sleep(700 * time.Millisecond) // the copy itself is slow; nothing is waited for
	}
	var sessions []any
	await(t, func() bool {
		sessions = s.Call(t, "GET", "/v1/sessions?status=completed", nil, 200)["data"].([]any)
		return len(sessions) == 1
	})
	if title := sessions[0].(map[string]any)["title"]; title != "talk.md" {
		t.Errorf("the title is %v", title)
	}
	if n := len(s.Document(t, sessions[0].(map[string]any)["id"].(string))); n != 36 {
		t.Errorf("%d segments, want the whole file", n)
	}
	refused := filepath.Join(s.data, "inbox", "refused", s.env.First.Workspace, project, "poem", "ode.txt")
	await(t, func() bool { _, err := os.Stat(refused); return err == nil })
	reason, err := os.ReadFile(refused + upload.ReasonSuffix)
	if err != nil || !strings.Contains(string(reason), "no template; there are: operational_workflow") {
		t.Errorf("the reason of a refused file is %q, %v", reason, err)
	}
	if _, err := os.Stat(stray); !os.IsNotExist(err) {
		t.Errorf("a refused file is still where it was: %v", err)
	}
}
