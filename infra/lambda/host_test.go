package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"griot/infra/lambda/build"
	"griot/infra/tenancy"
	"griot/internal/api/apitest"
	"griot/internal/api/hosttest"
)

// These tests run the project's own functions on the engines, and only where
// the environment names them:
//
//	infra/engines/engines start && eval "$(infra/engines/engines env)"
//	go test ./infra/lambda

// server is the whole program, running inside the test, with a stack of its
// own.
type server struct {
	hosttest.Host
	env tenancy.Env
	h   *host
}

// started brings the program up once for all tests; TestMain ends it. Messages
// come back after seconds, the sweeper runs often.
var started = sync.OnceValues(func() (*server, error) {
	s, end, err := launch(nil, "5s")
	if err == nil {
		stop = end
	}
	return s, err
})

var stop = func() error { return nil }

// launch brings up a stack of its own, whose messages come back after a time.
// Its functions are told of other engines than this process, if any are given.
func launch(engines map[string]string, visibility string, flags ...string) (s *server, end func() error, err error) {
	dir, err := os.MkdirTemp("", "griot-lambda-")
	if err != nil {
		return nil, nil, err
	}
	if err := shareBinaries(dir); err != nil {
		return nil, nil, err
	}
	o, err := parseOptions(append([]string{
		"-data", dir, "-stack", fmt.Sprintf("t%d", time.Now().UnixMicro()), "-addr", "127.0.0.1:0",
		"-visibility", visibility, "-every", "2s", "-allow-loopback-urls",
	}, flags...), io.Discard)
	if err != nil {
		return nil, nil, err
	}
	maps.Copy(o.variables, engines)
	s = &server{}
	ctx, cancel := context.WithCancel(context.Background())
	if s.h, err = open(ctx, o, os.Stderr); err != nil {
		cancel()
		return nil, nil, err
	}
	if err := s.h.ready(ctx, io.Discard); err != nil {
		cancel()
		return nil, nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- s.h.run(ctx) }()
	end = func() error {
		cancel()
		defer os.RemoveAll(dir)
		return <-ended
	}
	s.env, err = tenancy.Read(dir)
	s.Host = hosttest.Host{Base: s.env.Base, Key: s.env.First.Key}
	return s, end, err
}

// binaries are the functions', for all stacks of the tests: to link them takes
// longer than most tests.
var binaries = filepath.Join(os.TempDir(), fmt.Sprintf("griot-functions-%d", os.Getpid()))

func shareBinaries(data string) error {
	return errors.Join(os.MkdirAll(binaries, 0o700), os.Symlink(binaries, filepath.Join(data, "bin")))
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	_ = os.RemoveAll(binaries)
	os.Exit(code)
}

func start(t testing.TB) *server {
	t.Helper()
	if os.Getenv("GRIOT_TEST_DYNAMODB") == "" || os.Getenv("GRIOT_TEST_LOCALSTACK") == "" {
		t.Skip("the environment names no engines")
	}
	s, err := started()
	ok(t, err)
	return s
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sample is a file of the embedded host's.
func sample(t testing.TB, name string) string {
	t.Helper()
	root, err := build.Root(".")
	ok(t, err)
	data, err := os.ReadFile(filepath.Join(root, "infra", "local", "sample", name))
	ok(t, err)
	return string(data)
}

// Without engines the program says how to start them, and asks nobody.
func TestWithoutEngines(t *testing.T) {
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS"} {
		t.Setenv(name, "")
	}
	err := run(t.Context(), nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "infra/engines/engines start") {
		t.Errorf("without an address: %v", err)
	}
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
	t.Setenv("AWS_REGION", "us-east-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	err = run(t.Context(), nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "infra/engines/engines start") {
		t.Errorf("where nobody answers: %v", err)
	}
	if err := run(t.Context(), []string{"keys"}, io.Discard, io.Discard); err == nil {
		t.Error("a command that does not exist was taken")
	}
}

// TestScripts runs the APIs' plain-text scripts against the binaries.
func TestScripts(t *testing.T) {
	s := start(t)
	apitest.RunAll(t, s.Base, s.vars())
}

// TestQuotas runs the scripts of quotas, which the operator has set.
func TestQuotas(t *testing.T) {
	s := start(t)
	apitest.RunQuotas(t, s.Base, func(args ...string) string { return s.operate(t, args...) })
}

// TestBounds asks the binaries for some of what the documents bound: what the
// edge does is tried whole in process, what a gateway's events make of it here.
func TestBounds(t *testing.T) {
	s := start(t)
	apitest.Bounds(t, s.Base, "/v1/", s.vars(), 17)
	apitest.Bounds(t, s.Base, "/api/", s.vars(), 17)
}

// vars are what scripts are given.
func (s *server) vars() map[string]string {
	return map[string]string{
		"KEY": s.env.First.Key, "KEY2": s.env.Second.Key, "PROJECT_A": s.env.ProjectA, "PROJECT_B": s.env.ProjectB,
	}
}

// TestFollow has cut and slow streams, and two hundred readers, each of whom is a
// process.
func TestFollow(t *testing.T) { hosttest.Follow(t, start(t).Host, 200) }

// A second start finds everything there, and the same keys.
func TestRestartFindsEverything(t *testing.T) {
	s := start(t)
	o := s.h.options
	h, err := open(t.Context(), o, io.Discard)
	ok(t, err)
	defer h.close()
	again, err := tenancy.Furnish(t.Context(), h.access, s.env)
	ok(t, err)
	if again != s.env {
		t.Errorf("the tenants changed from %v to %v", s.env, again)
	}
}
