// Package apitest runs HTTP scripts: plain texts that say what to ask for and
// what to expect, in a form that reads as documentation (see format.txt). The
// same scripts run against every host.
package apitest

import (
	"context"
	"embed"
	"encoding/binary"
	"io/fs"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"griot/internal/id"
)

//go:embed scripts/*.txt scripts/*/*.txt
var scripts embed.FS

// Run runs every script of the sessions API as a subtest against the server
// at base, which has to have workers. The variables are KEY, a key of a
// workspace with one project, and KEY2, a key of another one with the projects
// PROJECT_A and PROJECT_B; both with every scope.
func Run(t *testing.T, base string, vars map[string]string) {
	run(t, "scripts/*.txt", base, vars)
}

// RunConversations runs every script of the conversations API, in the manner
// of Run.
func RunConversations(t *testing.T, base string, vars map[string]string) {
	run(t, "scripts/conversations/*.txt", base, vars)
}

// RunAll runs every script, also those of what one API does to the other.
func RunAll(t *testing.T, base string, vars map[string]string) {
	Run(t, base, vars)
	RunConversations(t, base, vars)
	run(t, "scripts/both/*.txt", base, vars)
}

// RunRecordings runs the scripts of recordings, against a host that has an
// engine for them. recording is a WAV file of the interview of infra/speech.
func RunRecordings(t *testing.T, base string, vars map[string]string, recording []byte) {
	vars = maps.Clone(vars)
	vars["RECORDING"], vars["SIZE"] = string(recording), strconv.Itoa(len(recording))
	vars["SILENCE"] = string(silence())
	run(t, "scripts/recordings/*.txt", base, vars)
}

// RunQuotas runs the scripts of quotas, in a workspace that has little. operate
// runs a command of the operator's and returns what it prints.
func RunQuotas(t *testing.T, base string, operate func(args ...string) string) {
	t.Helper()
	workspace := regexp.MustCompile(`ws_\w+`).FindString(operate("workspaces", "create", "Frugal"))
	key := regexp.MustCompile(`cmk_live_\S+`).FindString(operate("keys", "create", "-workspace", workspace))
	set := []string{"workspaces", "limit", "-workspace", workspace}
	for _, quota := range []string{
		"open_sessions=2", "waiting_uploads=1", "session_text=40", "session_segments=3", "streams=0", "keys=2", "stored_bytes=1000", "topics=0",
	} {
		set = append(set, "-quota", quota)
	}
	if said := operate(set...); !regexp.MustCompile(`keys +1 +2\n`).MatchString(said) {
		t.Errorf("the operator is told:\n%s", said)
	}
	run(t, "scripts/quotas/*.txt", base, map[string]string{"KEY": key})
}

// silence is a WAV file of a second, 16 bits and 8 kHz.
func silence() []byte {
	const size = 16_000
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), 36+size)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"...)
	return append(binary.LittleEndian.AppendUint32(b, size), make([]byte, size)...)
}

func run(t *testing.T, pattern, base string, vars map[string]string) {
	names, err := fs.Glob(scripts, pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := scripts.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runScript(t, name, string(text), base, vars)
		})
	}
}

func runScript(t *testing.T, name, text, base string, given map[string]string) {
	t.Helper()
	steps, err := parse(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	run := id.At("", time.Now())
	r := runner{base: base, vars: variables{"RUN": run, "RUN_LOWER": strings.ToLower(run)}, client: newClient()}
	defer r.client.CloseIdleConnections()
	maps.Copy(r.vars, given)
	for _, s := range steps {
		if err := r.run(t.Context(), s); err != nil {
			t.Fatalf("%s:%d: %s %s: %v", name, s.line, s.method, s.target, err)
		}
	}
}

func newClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// stepTimeout bounds a request, the reading of its answer included.
const stepTimeout = 20 * time.Second

// runner runs the steps of one script.
type runner struct {
	base   string
	vars   variables
	client *http.Client
}

func (r *runner) run(ctx context.Context, s step) error {
	ctx, cancel := context.WithTimeout(ctx, stepTimeout+s.within)
	defer cancel()
	ans, err := r.ask(ctx, s)
	if err != nil {
		return err
	}
	ans, err = r.repeat(ctx, s, ans)
	if err != nil {
		return err
	}
	if err := documented(s, ans); err != nil {
		return ans.explain(err)
	}
	return r.expect(s, ans)
}

// A step with until asks again this often, and less the longer it has waited:
// each pause is at least so many parts of that.
const (
	repeatEvery = 25 * time.Millisecond
	repeatParts = 20
)

// repeat asks again until the step's condition holds.
func (r *runner) repeat(ctx context.Context, s step, ans answer) (answer, error) {
	began := time.Now()
	for deadline := began.Add(s.within); s.until != nil; {
		err := s.until.check(r.vars, ans)
		if err == nil {
			return ans, nil
		}
		if time.Now().After(deadline) {
			return ans, ans.explain(err)
		}
		select {
		case <-ctx.Done():
			return ans, ctx.Err()
		case <-time.After(max(repeatEvery, time.Since(began)/repeatParts)):
		}
		if ans, err = r.ask(ctx, s); err != nil {
			return ans, err
		}
	}
	return ans, nil
}
