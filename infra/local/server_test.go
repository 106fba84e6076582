package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"griot/infra/tenancy"
	"griot/internal/api/hosttest"
)

// server is the whole program, running inside the test.
type server struct {
	hosttest.Host
	env  tenancy.Env
	data string
	stop func() error // ends it as Ctrl-C does
}

// start runs the server on a free port and waits until it is ready.
func start(t testing.TB, data string, flags ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	args := append([]string{"-addr", "127.0.0.1:0", "-data", data}, flags...)
	ready := newEnv(data)
	go func() { ended <- run(ctx, args, io.Discard, io.Discard) }()
	s := &server{data: data}
	s.stop = func() error {
		cancel()
		err := <-ended
		ended <- err
		return err
	}
	t.Cleanup(func() { ok(t, s.stop()) })
	await(t, func() bool { return ready(s) })
	return s
}

// newEnv returns a function that reports, and reads, an env file written from
// now on: the server writes it when it is ready, on a full disk over the last.
func newEnv(data string) func(*server) bool {
	before, _ := os.Stat(tenancy.Path(data))
	last, _ := os.ReadFile(tenancy.Path(data))
	return func(s *server) bool {
		after, err := os.Stat(tenancy.Path(data))
		if err != nil {
			return false
		}
		text, err := os.ReadFile(tenancy.Path(data))
		if err != nil || before != nil && os.SameFile(before, after) && bytes.Equal(last, text) {
			return false
		}
		s.env, err = tenancy.Read(data)
		s.Host = hosttest.Host{Base: s.env.Base, Key: s.env.First.Key}
		return err == nil && s.Base != ""
	}
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func await(t testing.TB, done func() bool) { t.Helper(); hosttest.Await(t, done) }

func sample(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("sample", name))
	ok(t, err)
	return string(data)
}
