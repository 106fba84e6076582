package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"griot/infra/tenancy"
	"griot/internal/extraction"
)

// ingestInput is what `ingest` was asked for.
type ingestInput struct {
	file, template, title string
	project               string
	all                   bool // print every segment, also of a long transcript
}

func parseIngest(args []string, stderr io.Writer) (ingestInput, error) {
	var in ingestInput
	fs := flag.NewFlagSet("ingest", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&in.template, "template", "open_exploration", "one of "+strings.Join(extraction.Templates, ", "))
	fs.StringVar(&in.title, "title", "", "title of the session; the file's name by default")
	fs.StringVar(&in.project, "project", "", "project id, when the workspace has several")
	fs.BoolVar(&in.all, "all", false, "print every segment of a long transcript")
	fs.Usage = func() {
		fmt.Fprint(stderr, "usage: ingest FILE [-template T] [-title TITLE] [-project ID] [-all]\n\n")
		fs.PrintDefaults()
	}
	var err error
	if in.file, err = oneFile(fs, args); err != nil {
		return in, err
	}
	if in.title == "" {
		in.title = filepath.Base(in.file)
	}
	return in, nil
}

// oneFile parses the flags of a command that takes one file, which may stand before
// or behind them.
func oneFile(fs *flag.FlagSet, args []string) (file string, err error) {
	for len(args) > 0 {
		if err := fs.Parse(args); err != nil {
			return "", err
		}
		if args = fs.Args(); len(args) > 0 {
			if file != "" {
				return "", fmt.Errorf("%s takes one file", fs.Name())
			}
			file, args = args[0], args[1:]
		}
	}
	if file == "" {
		return "", fmt.Errorf("%s needs a file; see %[1]s -h", fs.Name())
	}
	return file, nil
}

// ingest sends a file through the running server, or through one that it
// starts for the purpose, and shows what comes of it.
func ingest(ctx context.Context, o options, args []string, stdout, stderr io.Writer) error {
	in, err := parseIngest(args, stderr)
	if err != nil {
		return err
	}
	info, err := os.Stat(in.file)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%s is a directory: ingest takes one file; what is put into inbox/ of the data directory is taken by itself", in.file)
	}
	return withServer(ctx, o, func(c *client) error { return c.ingest(ctx, in, stdout, stderr) })
}

// withServer hands do a client of the running server, or of one that it starts
// for the purpose; the key is that of the first workspace.
func withServer(ctx context.Context, o options, do func(*client) error) error {
	if e, ok := running(ctx, o); ok {
		return do(&client{e.Base, e.First.Key})
	}
	o.addr, o.base = "127.0.0.1:0", ""
	return withHost(o, func(h *host) error {
		e, err := h.ready(ctx)
		if err != nil {
			return err
		}
		ctx, stop := context.WithCancel(ctx)
		ended := make(chan error, 1)
		go func() { ended <- h.run(ctx) }()
		err = do(&client{e.Base, e.First.Key})
		stop()
		return errors.Join(err, <-ended)
	})
}

// running returns the env of a server that answers.
func running(ctx context.Context, o options) (tenancy.Env, bool) {
	if o.data == nowhere {
		return tenancy.Env{}, false
	}
	e, err := tenancy.Read(o.data)
	if err != nil || e.Base == "" {
		return tenancy.Env{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Base+"/livez", nil)
	if err != nil {
		return tenancy.Env{}, false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return tenancy.Env{}, false
	}
	defer resp.Body.Close()
	return e, resp.StatusCode == http.StatusOK
}
