package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// maxCommand is the most that a command may have in bytes, as JSON.
const maxCommand = 64 << 10

// request and answer are what goes over the socket, in one POST.
type request struct {
	Args []string `json:"args"`
}

type answer struct {
	Output string `json:"output"`
	Error  string `json:"error,omitempty"`
	Usage  bool   `json:"usage,omitempty"` // Error is a UsageError's text
}

// Func runs one command, as [Run] does.
type Func func(ctx context.Context, args []string, out io.Writer) error

// Serve runs the commands that arrive on l, until ctx ends; those that are
// running then are finished. It closes l.
func Serve(ctx context.Context, l net.Listener, run Func) error {
	server := &http.Server{
		Handler:     serve(run),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ReadTimeout: 10 * time.Second, MaxHeaderBytes: 8 << 10,
	}
	drained := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		drained <- server.Shutdown(context.WithoutCancel(ctx))
	})
	err := server.Serve(l)
	if stop() { // ctx goes on: the listener failed
		return fmt.Errorf("serving the operator's socket: %w", err)
	}
	return <-drained
}

func serve(run Func) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var req request
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxCommand)).Decode(&req); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ctx := r.Context()
		var out bytes.Buffer
		ans := answer{}
		if err := run(ctx, req.Args, &out); err != nil {
			var usage *UsageError
			ans.Error, ans.Usage = err.Error(), errors.As(err, &usage)
		}
		ans.Output = out.String()
		_ = json.NewEncoder(w).Encode(ans) // the caller is gone
	}
}

// Call runs a command in the server that listens at path and copies what it
// prints to out. It takes as long as the command does; the end of ctx ends
// both. Without a server the error is ErrNoServer, and nothing was
// done; a command that the server does not understand is a *UsageError.
func Call(ctx context.Context, path string, args []string, out io.Writer) error {
	where, err := locate(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrNoServer
	}
	if err != nil {
		return err
	}
	ans, err := post(ctx, where, request{Args: args})
	if err != nil {
		return err
	}
	if _, err := io.WriteString(out, ans.Output); err != nil {
		return err
	}
	switch {
	case ans.Usage:
		return &UsageError{Text: ans.Error}
	case ans.Error != "":
		return errors.New(ans.Error)
	}
	return nil
}

func post(ctx context.Context, socket string, req request) (answer, error) {
	body, err := json.Marshal(req)
	if err != nil {
		return answer{}, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://operator/", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	resp, err := clientOf(socket).Do(r)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return answer{}, ErrNoServer
	}
	if err != nil {
		return answer{}, fmt.Errorf("asking the server: %w", err)
	}
	defer resp.Body.Close()
	var ans answer
	if err := json.NewDecoder(resp.Body).Decode(&ans); err != nil || resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("the server answered %s", resp.Status)
	}
	return ans, nil
}

func clientOf(socket string) *http.Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		d := net.Dialer{Timeout: dialTimeout}
		return d.DialContext(ctx, "unix", socket)
	}
	return &http.Client{
		Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true},
	}
}

// locate returns where the socket of path is: there, or where a file beside
// it says. The error is fs.ErrNotExist when there is no such file.
func locate(path string) (string, error) {
	if len(path) <= maxSocketPath {
		return path, nil
	}
	name, err := os.ReadFile(path + ".path")
	if err != nil {
		return "", fmt.Errorf("looking for the operator's socket: %w", err)
	}
	return strings.TrimSpace(string(name)), nil
}
