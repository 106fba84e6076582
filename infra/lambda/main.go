// Command lambda is griot as AWS runs it, on this machine and without Docker:
// the binaries of functions/, one process per invocation, behind a REST front
// with the routes of infra/stack, on the servers of infra/engines.
//
//	infra/engines/engines start
//	eval "$(infra/engines/engines env)"
//	go run ./infra/lambda
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"griot/internal/setup"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "griot:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	addr         string
	data         string        // directory of the binaries and of the env file
	stack        string        // name; prefix of tables, bucket and queues
	loopbackURLs bool          // upload_url may point to this machine
	visibility   time.Duration // of received messages; 0: the stack's
	every        time.Duration // between schedules; 0: the stack's
	transcriber  string        // amazon, none, or the URL of a server that writes recordings down
	staged       bool          // below the stage, as without a domain
	verbose      bool

	variables map[string]string // by which functions reach the engines: those of this process
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	fs := flag.NewFlagSet("lambda", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.addr, "addr", "127.0.0.1:3000", "listen on `host:port`")
	fs.StringVar(&o.data, "data", ".griot-lambda", "keep the binaries and the env file in `dir`")
	fs.StringVar(&o.stack, "stack", "griot", "`name` of the stack: tables, bucket and queues begin with it")
	fs.BoolVar(&o.loopbackURLs, "allow-loopback-urls", false, "let upload_url point to this machine (development only)")
	fs.DurationVar(&o.visibility, "visibility", 0, "`time` after which a message of a killed worker comes back; the stack's by default")
	fs.DurationVar(&o.every, "every", 0, "`time` between two runs of a scheduled function; the stack's by default")
	fs.StringVar(&o.transcriber, "transcriber", cmp.Or(os.Getenv("GRIOT_TRANSCRIBER"), none), "have recordings written down by the server at `URL`, by amazon (infra/engines/engines transcribe stands for it), or by none (GRIOT_TRANSCRIBER);\nits model and its key are in GRIOT_TRANSCRIBER_MODEL and GRIOT_TRANSCRIBER_KEY")
	fs.BoolVar(&o.staged, "staged", false, "serve below the API's stage, as API Gateway does without a domain")
	fs.BoolVar(&o.verbose, "v", false, "log every request, job and invocation")
	fs.Usage = func() {
		fmt.Fprintln(stderr, "usage: go run ./infra/lambda [flags]\n\nIt needs the servers of infra/engines:\n\n  "+howToStart+"\n\nFlags:")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("%q is not understood; see -h", fs.Arg(0))
	}
	if u, err := url.Parse(o.transcriber); o.transcriber != setup.Amazon && o.transcriber != none && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return o, fmt.Errorf("-transcriber %q is neither amazon nor none, nor an http or https URL", o.transcriber)
	}
	o.variables = awsVariables()
	return o, nil
}

// none is no engine for recordings.
const none = "none"

// run is the whole program; ctx ends it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return err
	}
	h, err := open(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.ready(ctx, stdout); err != nil {
		return err
	}
	return h.run(ctx)
}
