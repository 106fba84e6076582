package operator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// serveAt runs commands at path until stop.
func serveAt(t *testing.T, path string, run Func) (stop func()) {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, l, run) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func echo(_ context.Context, args []string, out io.Writer) error {
	fmt.Fprintf(out, "%q", args)
	switch args[0] {
	case "fail":
		return errors.New("it failed")
	case "what":
		return usageError("not so")
	}
	return nil
}

// paths returns a socket path that fits and one that does not.
func paths(t *testing.T) map[string]string {
	dir, err := os.MkdirTemp("", "op") // t.TempDir may be too long a name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	long := filepath.Join(dir, strings.Repeat("deep", 12), strings.Repeat("er", 20))
	if err := os.MkdirAll(long, 0o700); err != nil {
		t.Fatal(err)
	}
	if len(long) < maxSocketPath {
		t.Fatalf("%s is not long", long)
	}
	return map[string]string{"short": filepath.Join(dir, "operator.sock"), "long": filepath.Join(long, "operator.sock")}
}

func TestCall(t *testing.T) {
	for name, path := range paths(t) {
		t.Run(name, func(t *testing.T) {
			stop := serveAt(t, path, echo)
			var out bytes.Buffer
			err := Call(t.Context(), path, []string{"keys", "", "ü\n"}, &out)
			if want := `["keys" "" "ü\n"]`; out.String() != want || err != nil {
				t.Errorf("Call printed %s, want %s; %v", out.String(), want, err)
			}
			err = Call(t.Context(), path, []string{"fail"}, &out)
			if err == nil || err.Error() != "it failed" {
				t.Errorf("a failing command: %v", err)
			}
			wantUsage(t, Call(t.Context(), path, []string{"what"}, &out), "not so")
			stop()
			if err := Call(t.Context(), path, []string{"keys"}, &out); !errors.Is(err, ErrNoServer) {
				t.Errorf("after the server ended: %v, want ErrNoServer", err)
			}
			wantGone(t, path, path+".path")
		})
	}
}

func wantGone(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is left behind", path)
		}
	}
}

func TestSocketIsPrivate(t *testing.T) {
	for name, path := range paths(t) {
		serveAt(t, path, echo)
		where, err := locate(path)
		if err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(where)
		if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != fs.ModeSocket {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
		if len(where) > maxSocketPath {
			t.Errorf("%s: the socket is at %s", name, where)
		}
	}
}

func TestKilledServerIsReplaced(t *testing.T) {
	for name, path := range paths(t) {
		t.Run(name, func(t *testing.T) {
			l, err := Listen(path)
			if err != nil {
				t.Fatal(err)
			}
			where := l.Addr().String()
			abandon(l) // as kill -9 leaves it
			if err := Call(t.Context(), path, []string{"keys"}, io.Discard); !errors.Is(err, ErrNoServer) {
				t.Errorf("Call of a killed server: %v, want ErrNoServer", err)
			}
			serveAt(t, path, echo)
			if err := Call(t.Context(), path, []string{"keys"}, io.Discard); err != nil {
				t.Errorf("Call of its successor: %v", err)
			}
			if name == "long" {
				wantGone(t, where, filepath.Dir(where))
			}
		})
	}
}

func abandon(l net.Listener) {
	if e, ok := l.(elsewhere); ok {
		l = e.Listener
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	l.Close()
}

func TestLiveServerIsNotReplaced(t *testing.T) {
	for name, path := range paths(t) {
		serveAt(t, path, echo)
		if l, err := Listen(path); err == nil {
			l.Close()
			t.Errorf("%s: a second server took the socket", name)
		}
		if err := Call(t.Context(), path, []string{"keys"}, io.Discard); err != nil {
			t.Errorf("%s: Call of the first: %v", name, err)
		}
	}
}

func TestOtherFilesAreKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := os.WriteFile(path, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path); err == nil {
		t.Error("Listen on a file succeeded")
	}
	if data, _ := os.ReadFile(path); string(data) != "precious" {
		t.Errorf("the file now has %q", data)
	}
}

// A command that runs when the server is told to end is finished.
func TestServeDrains(t *testing.T) {
	path := paths(t)["short"]
	running, finish := make(chan struct{}), make(chan struct{})
	stop := serveAt(t, path, func(ctx context.Context, _ []string, out io.Writer) error {
		close(running)
		<-finish
		fmt.Fprint(out, "done")
		return ctx.Err()
	})
	var out bytes.Buffer
	called := make(chan error, 1)
	go func() { called <- Call(t.Context(), path, []string{"slow"}, &out) }()
	<-running
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	close(finish)
	if err := <-called; out.String() != "done" || err != nil {
		t.Errorf("the command printed %q, %v", out.String(), err)
	}
	<-stopped
}

func TestServeOnTheDirectory(t *testing.T) {
	dir, path := open(t), paths(t)["short"]
	serveAt(t, path, func(ctx context.Context, args []string, out io.Writer) error {
		return Run(ctx, Desk{Access: dir}, args, out)
	})
	if err := Call(t.Context(), path, []string{"workspaces", "create", "Acme"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Call(t.Context(), path, []string{"keys", "create"}, &out); err != nil {
		t.Fatal(err)
	}
	_, err := dir.Verify(t.Context(), strings.Fields(out.String())[1])
	if err != nil {
		t.Errorf("the key that was printed: %v", err)
	}
}
