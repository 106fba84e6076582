// Package operator has the commands by which whoever runs griot makes
// workspaces, projects and keys, and brings dead letters back. They work on
// stores that are open in this process, or through the socket of the server
// that has them open.
package operator

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"griot/internal/access"
	"griot/internal/limit"
	"griot/internal/queue"
)

// UsageError is a command that cannot be understood. Its text says what would
// be right.
type UsageError struct{ Text string }

func (e *UsageError) Error() string { return e.Text }

func usageError(format string, args ...any) error {
	return &UsageError{Text: fmt.Sprintf(format, args...)}
}

// command is one entry of the manual.
type command struct {
	name  string // two words
	args  string // as the manual shows them
	about string
	takes int // positional arguments
	flags func(*flag.FlagSet, *invocation)
	run   func(context.Context, *invocation) error
}

var commands = []command{
	{"keys create", "[-workspace WS] [-label TEXT] [-scopes A,B] [-expires 720h] [-family cmk_live]",
		"make a key and print it, once", 0, keyFlags, createKey},
	{"keys list", "[-workspace WS]", "list keys, without their secrets", 0, workspaceFlag, listKeys},
	{"keys revoke", "[-descendants] KEYID", "refuse a key from now on, with -descendants those that come from it, too; KEYID is its part before the dot",
		1, descendantsFlag, revokeKey},
	{"workspaces create", "NAME", "make a workspace and its first project", 1, nil, createWorkspace},
	{"workspaces list", "", "list workspaces", 0, nil, listWorkspaces},
	{"workspaces deletion", "[-workspace WS] [-keep]", "show whether a workspace is to be deleted, or was, and its receipt; -keep takes that back during its grace",
		0, deletionFlags, showDeletion},
	{"workspaces limit", "[-workspace WS] [-key KEYID] [-class CLASS] [-requests N] [-reads N] [-writes N] [-default] [-quota NAME=N]",
		"set what a workspace, or one of its keys, may take in a second: requests, read units, write units, of one class or each; -default takes it back; with -quota, what it may have at once (NAME=default takes that back); without numbers, show what holds",
		0, limitFlags, setLimit},
	{"workspaces recount", "[-workspace WS]", "count anew what a workspace has of its quotas, and put right what is wrong", 0, workspaceFlag, recount},
	{"workspaces reindex", "[-workspace WS]", "index anew what a workspace's conversations and memories say", 0, workspaceFlag, reindex},
	{"workspaces usage", "[-workspace WS]", "show what a workspace has used of its limits and quotas", 0, workspaceFlag, showUsage},
	{"projects create", "[-workspace WS] NAME", "make a project", 1, workspaceFlag, createProject},
	{"projects list", "[-workspace WS]", "list projects", 0, workspaceFlag, listProjects},
	{"projects retention", "[-workspace WS] PROJECT DAYS",
		"keep the transcripts of a project so long; 0 days: the default", 2, workspaceFlag, setRetention},
	{"queues list", "", "count the messages of all queues", 0, nil, listQueues},
	{"queues redrive", "[QUEUE …]", "bring the dead letters of these queues back, or of all", anyNumber, nil, redrive},
}

// anyNumber of positional arguments.
const anyNumber = -1

// Desk is what the commands work on.
type Desk struct {
	Access *access.Directory
	Limits func(context.Context) (*limit.Limiter, error)
	Queue  func(context.Context, queue.Name) (queue.Queue, error)
	// Recounts put right what a workspace's quotas count, beside keys.
	Recounts []func(ctx context.Context, workspace string) error
	// Reindex indexes anew what a workspace says, and returns how many units
	// that were.
	Reindex func(ctx context.Context, workspace string) (units int, err error)
}

// invocation is a command with what was given to it.
type invocation struct {
	dir  *access.Directory
	desk Desk
	out  io.Writer
	args []string
	json bool

	workspace, label, scopes, family string
	expires                          time.Duration
	descendants, keep                bool

	key, class string
	rate       limit.Amount
	byDefault  bool
	quotas     []quotaSetting
}

func descendantsFlag(fs *flag.FlagSet, in *invocation) {
	fs.BoolVar(&in.descendants, "descendants", false, "")
}

func workspaceFlag(fs *flag.FlagSet, in *invocation) {
	fs.StringVar(&in.workspace, "workspace", "", "")
}

func keyFlags(fs *flag.FlagSet, in *invocation) {
	workspaceFlag(fs, in)
	fs.StringVar(&in.label, "label", "", "")
	fs.StringVar(&in.scopes, "scopes", string(access.All), "")
	fs.StringVar(&in.family, "family", access.DefaultFamily, "")
	fs.DurationVar(&in.expires, "expires", 0, "")
}

// Run does what args say, such as "keys", "list", and prints the result to
// out. A command that cannot be understood is a *UsageError.
func Run(ctx context.Context, desk Desk, args []string, out io.Writer) error {
	for _, c := range commands {
		if len(args) >= 2 && c.name == args[0]+" "+args[1] {
			return c.invoke(ctx, &invocation{dir: desk.Access, desk: desk, out: out}, args[2:])
		}
	}
	group := ""
	if len(args) > 0 {
		group = args[0]
	}
	if isHelp(group) || len(args) > 1 && isHelp(args[1]) {
		_, err := io.WriteString(out, usage(group))
		return err
	}
	return usageError("there is no command %q\n%s", strings.Join(args[:min(2, len(args))], " "), usage(group))
}

func isHelp(arg string) bool {
	return arg == "help" || arg == "-h" || arg == "-help" || arg == "--help"
}

func (c command) invoke(ctx context.Context, in *invocation, args []string) error {
	err := c.parse(in, args)
	if errors.Is(err, flag.ErrHelp) {
		_, err = io.WriteString(in.out, c.usage())
		return err
	}
	if err != nil {
		return usageError("%s: %v\n%s", c.name, err, c.usage())
	}
	return c.run(ctx, in)
}

// parse takes flags in front of, between and behind the arguments.
func (c command) parse(in *invocation, args []string) error {
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&in.json, "json", false, "")
	if c.flags != nil {
		c.flags(fs, in)
	}
	for {
		if err := fs.Parse(args); err != nil {
			return err
		}
		if fs.NArg() == 0 {
			break
		}
		in.args, args = append(in.args, fs.Arg(0)), fs.Args()[1:]
	}
	if c.takes != anyNumber && len(in.args) != c.takes {
		return fmt.Errorf("wants %d plain arguments, got %d", c.takes, len(in.args))
	}
	return nil
}

// usage is the manual of the commands of a group, or of all when there is no
// such group.
func usage(group string) string {
	var some, all strings.Builder
	for _, c := range commands {
		all.WriteString(c.usage())
		if strings.HasPrefix(c.name, group+" ") {
			some.WriteString(c.usage())
		}
	}
	text := all.String()
	if some.Len() > 0 {
		text = some.String()
	}
	return "commands (all take -json; -workspace may be left out when there is one workspace):\n" + text
}

func (c command) usage() string {
	line := strings.TrimSpace(c.name + " " + c.args)
	return fmt.Sprintf("  %s\n        %s\n", line, c.about)
}

// printRows prints columns that line up.
func (in *invocation) printRows(rows [][]string) error {
	w := tabwriter.NewWriter(in.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (in *invocation) printJSON(v any) error {
	enc := json.NewEncoder(in.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// each never returns nil, so that an empty list is [] in JSON.
func each[A, B any](in []A, f func(A) B) []B {
	out := make([]B, len(in))
	for i, a := range in {
		out[i] = f(a)
	}
	return out
}

func timeOr(t time.Time, zero string) string {
	if t.IsZero() {
		return zero
	}
	return t.UTC().Format(time.RFC3339)
}

// orNull returns whole seconds, or nil for the zero time.
func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Second)
	return &t
}
