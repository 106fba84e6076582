package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"

	"griot/infra/modelserver"
)

// nowhere is the value of -data that keeps nothing.
const nowhere = ":memory:"

// options are the flags before the command.
type options struct {
	addr         string              // host and port to listen on; port 0 picks one
	data         string              // directory of everything that is kept, or nowhere
	stack        string              // a deployed one that a command is for; "" is this machine's
	base         string              // public base URL; "" is http://<addr>
	loopbackURLs bool                // upload_url may point to this machine
	verbose      bool                // log every request and job, not warnings only
	model        modelserver.Options // none leaves extraction to the rules
	tokensPerDay int64               // that a workspace may spend on it; 0 sets no limit
	transcriber  string              // URL of a server that writes recordings down as OpenAI's does; "" refuses them
	// Of that server: the model, whether it tells who speaks, and the largest
	// file it takes (0: what is known of it).
	transcriberModel   string
	transcriberDiarize bool
	transcriberMaxMB   int64
	minutesPerDay      int64 // of recordings that a workspace may have written down; 0 sets no limit
	keepMediaDays      int64 // of the recordings of completed sessions; 0: as long as the sessions
}

func parseOptions(args []string, stderr io.Writer) (options, []string, error) {
	var o options
	fs := flag.NewFlagSet("local", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.addr, "addr", "127.0.0.1:3000", "listen on `host:port`")
	fs.StringVar(&o.data, "data", ".griot", "keep everything in `dir`; "+nowhere+" keeps nothing")
	fs.StringVar(&o.stack, "stack", "", "run a command on the deployed stack `name` instead of this machine")
	fs.StringVar(&o.base, "base", "", "public base `URL`, when it is not http://<addr>")
	fs.BoolVar(&o.loopbackURLs, "allow-loopback-urls", false, "let upload_url point to this machine (development only)")
	fs.BoolVar(&o.verbose, "v", false, "log every request and every job")
	o.model.Flags(fs, "extract")
	fs.Int64Var(&o.tokensPerDay, "max-tokens-per-day", 0, "let a workspace spend `N` of the model's tokens a day of UTC, then the rules step in;\nbelow 100000 there are parts that are never read; 0 sets no limit (GRIOT_MAX_TOKENS_PER_DAY)")
	fs.StringVar(&o.transcriber, "transcriber", os.Getenv("GRIOT_TRANSCRIBER"), "have recordings written down by the server at `URL`, which has /v1/audio/transcriptions: whisper.cpp,\nspeaches, LocalAI, vLLM, Groq, OpenAI; infra/engines/engines speech starts one on this machine; its key, if it wants one, is in GRIOT_TRANSCRIBER_KEY (GRIOT_TRANSCRIBER)")
	fs.StringVar(&o.transcriberModel, "transcriber-model", cmp.Or(os.Getenv("GRIOT_TRANSCRIBER_MODEL"), "whisper-1"), "the model's `name` there (GRIOT_TRANSCRIBER_MODEL)")
	fs.BoolVar(&o.transcriberDiarize, "transcriber-diarize", false, "ask that server who speaks (response_format diarized_json)")
	fs.Int64Var(&o.transcriberMaxMB, "transcriber-max-mb", 0, "the largest request, in `MB`, that the server takes; larger recordings are sent in parts; 0 is 25 for OpenAI and Groq, and any for others")
	fs.Int64Var(&o.minutesPerDay, "transcriber-minutes-a-day", 0, "let a workspace have `N` minutes of recordings written down a day of UTC; what is more waits for the next day;\n0 sets no limit (GRIOT_MAX_MINUTES_PER_DAY)")
	fs.Int64Var(&o.keepMediaDays, "keep-media-days", 0, "remove recordings `N` days after they were written down; 0 keeps them as long as their sessions")
	fs.Usage = func() { usage(fs) }
	for flag, name := range map[string]string{"max-tokens-per-day": "GRIOT_MAX_TOKENS_PER_DAY", "transcriber-minutes-a-day": "GRIOT_MAX_MINUTES_PER_DAY"} {
		if n := os.Getenv(name); n != "" {
			if err := fs.Set(flag, n); err != nil {
				return o, nil, fmt.Errorf("%s is %q, want a number", name, n)
			}
		}
	}
	if err := fs.Parse(args); err != nil {
		return o, nil, err
	}
	return o, fs.Args(), o.check()
}

func usage(fs *flag.FlagSet) {
	fmt.Fprint(fs.Output(), `usage: go run ./infra/local [flags] [command]

Without a command it serves both APIs until Ctrl-C. Commands:

  ingest FILE [-template T] [-title …]    send a file through, show what was found
  import FILE [-to URL]                   put an export's memories and conversations in
  keys create|list|revoke                 the keys of a workspace
  workspaces create|list|limit            tenants, and what each may take
  usage                                   what a workspace has used of its limits
  projects create|list|retention          projects of a workspace
  queues list                             what waits, what is dead
  redrive [QUEUE …]                       bring dead letters back
  check                                   look whether the data directory is whole
  backup DIR                              copy it to a new directory, while the server runs or not

All but ingest, import, check and backup also work on what is deployed, with -stack NAME.

Flags:
`)
	fs.PrintDefaults()
}

func (o options) check() error {
	if o.data == "" {
		return errors.New("-data is empty: name a directory, or " + nowhere + " to keep nothing")
	}
	if o.base != "" && !isURL(o.base) {
		return fmt.Errorf("-base %q is not an http or https URL", o.base)
	}
	if o.tokensPerDay < 0 {
		return fmt.Errorf("-max-tokens-per-day is %d; 0 sets no limit", o.tokensPerDay)
	}
	if o.minutesPerDay < 0 {
		return fmt.Errorf("-transcriber-minutes-a-day is %d; 0 sets no limit", o.minutesPerDay)
	}
	if o.keepMediaDays < 0 {
		return fmt.Errorf("-keep-media-days is %d; 0 keeps recordings as long as their sessions", o.keepMediaDays)
	}
	if o.transcriber != "" && !isURL(o.transcriber) {
		return fmt.Errorf("-transcriber %q is not an http or https URL", o.transcriber)
	}
	return o.model.Check()
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func (o options) level() slog.Level {
	if o.verbose {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}
