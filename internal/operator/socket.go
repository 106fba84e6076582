package operator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// maxSocketPath is how long the name of a socket may be, in bytes: kernels
// allow 103 to 107.
const maxSocketPath = 100

// dialTimeout is how long a server may take to answer at its socket.
const dialTimeout = time.Second

// ErrNoServer is a Call on a socket where nobody listens.
var ErrNoServer = errors.New("no server is running")

// Listen makes the socket at path, which only the owner may use. It replaces
// one that a killed server left behind and fails when another server listens.
// A path over 100 bytes is a socket in the temp directory, whose name is
// written to path+".path". Closing the listener removes the socket.
//
// Two servers that start at once would race here; they do not, because the
// lock on the data keeps the second from getting so far.
func Listen(path string) (net.Listener, error) {
	where, err := locate(path)
	if err == nil {
		err = removeStale(where)
	}
	if ignoreMissing(err) != nil {
		return nil, err
	}
	if err == nil && where != path {
		_ = os.Remove(filepath.Dir(where)) // empty now
	}
	if len(path) > maxSocketPath {
		return listenElsewhere(path)
	}
	return listenUnix(path)
}

// listenUnix makes the mode right before anybody could connect where the
// kernel can do that (Linux), and at once afterwards elsewhere.
func listenUnix(path string) (net.Listener, error) {
	early := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(makePrivate)
	}}
	l, err := early.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("making the operator's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		return nil, fmt.Errorf("protecting the operator's socket: %w", err)
	}
	return l, nil
}

// elsewhere is a socket in a directory of its own, both named by a file.
type elsewhere struct {
	net.Listener
	dir, pointer string
}

// Close removes the socket, its directory and the file that names it.
func (e elsewhere) Close() error {
	return errors.Join(e.Listener.Close(), os.RemoveAll(e.dir), ignoreMissing(os.Remove(e.pointer)))
}

func listenElsewhere(path string) (net.Listener, error) {
	dir, err := os.MkdirTemp("", "griot-")
	if err != nil {
		return nil, fmt.Errorf("making a place for the operator's socket: %w", err)
	}
	l, err := listenUnix(filepath.Join(dir, "operator.sock"))
	if err == nil {
		l = elsewhere{Listener: l, dir: dir, pointer: path + ".path"}
		err = writePointer(path+".path", l.Addr().String())
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return l, nil
}

// writePointer replaces the file as a whole, so that nobody reads half a name.
func writePointer(path, name string) error {
	if err := os.WriteFile(path+".new", []byte(name+"\n"), 0o600); err != nil {
		return fmt.Errorf("naming the operator's socket: %w", err)
	}
	return os.Rename(path+".new", path)
}

// removeStale removes a socket where nobody listens; the error is
// fs.ErrNotExist when there is none.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return fmt.Errorf("looking at the operator's socket: %w", err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return fmt.Errorf("the operator's socket %s is another kind of file", path)
	}
	conn, err := net.DialTimeout("unix", path, dialTimeout)
	if err == nil {
		conn.Close()
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("another server listens on %s", path)
	}
	return os.Remove(path)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
