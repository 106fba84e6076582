package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"griot/infra/lambda/build"
	"griot/internal/blob"
	"griot/internal/queue"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

var record = flag.Bool("record", false, "make testdata/former anew, of this commit")

// former is a world as text: rows, objects and jobs that a released version
// made, and what that version answered of them.
type former struct {
	Commit  string            `json:"commit"`
	Made    time.Time         `json:"made"`
	World   world             `json:"world"`
	Answers map[string]any    `json:"answers"`
	Rows    []row             `json:"rows"`
	Objects map[string]string `json:"objects"`
	Jobs    []job             `json:"jobs"`
}

// row is a row of a table.
type row struct {
	Table table.Name `json:"table"`
	PK    string     `json:"pk"`
	SK    string     `json:"sk"`
	Attrs attrs      `json:"attrs"`
}

// attrs are a row's as JSON: strings and numbers stand for themselves, bytes
// are [base64].
type attrs table.Attrs

func (a attrs) MarshalJSON() ([]byte, error) {
	out := map[string]any{}
	for name, v := range a {
		if out[name] = v; reflect.TypeOf(v) == reflect.TypeFor[[]byte]() {
			out[name] = [][]byte{v.([]byte)}
		}
	}
	return json.Marshal(out)
}

func (a *attrs) UnmarshalJSON(data []byte) error {
	var in map[string]json.RawMessage
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	*a = attrs{}
	for name, raw := range in {
		var text string
		var number int64
		var content [][]byte
		switch raw[0] {
		case '"':
			if err := json.Unmarshal(raw, &text); err != nil {
				return err
			}
			(*a)[name] = text
		case '[':
			if err := json.Unmarshal(raw, &content); err != nil || len(content) != 1 {
				return fmt.Errorf("%s is %s: %w", name, raw, err)
			}
			(*a)[name] = content[0]
		default:
			if err := json.Unmarshal(raw, &number); err != nil {
				return err
			}
			(*a)[name] = number
		}
	}
	return nil
}

type job struct {
	Queue queue.Name `json:"queue"`
	Body  string     `json:"body"`
}

var formerFile = filepath.Join("testdata", "former.json")

// inMemory opens a host that loses everything, and does not work yet.
func inMemory(t *testing.T, now func() time.Time) *host {
	t.Helper()
	o, _, err := parseOptions([]string{"-addr", "127.0.0.1:0", "-data", nowhere}, io.Discard)
	ok(t, err)
	h, err := openAt(o, t.TempDir(), now)
	ok(t, err)
	t.Cleanup(func() { ok(t, h.close()) })
	return h
}

// TestFormerVersion has this version read, serve and work off what the version
// released before it has left: its rows, objects and jobs. With -record it
// makes the file for the next.
func TestFormerVersion(t *testing.T) {
	if *record {
		recordFormer(t)
	}
	data, err := os.ReadFile(formerFile)
	ok(t, err)
	var f former
	ok(t, json.Unmarshal(data, &f))
	age := time.Since(f.Made) // for this version it is the day that the other one made it
	h := inMemory(t, func() time.Time { return time.Now().Add(-age) })
	f.load(t, h)
	c, end := h.served(f.World.Key)
	defer end()
	compareAll(t, f.Answers, readAll(t, c, slices.Collect(maps.Keys(f.Answers))...))
	f.World.goOn(t, c)
	for _, j := range f.Jobs {
		ok(t, h.Queues[j.Queue].Send(t.Context(), queue.Outgoing{Body: []byte(j.Body)}))
	}
	ctx, stop := context.WithCancel(t.Context())
	background := h.background(ctx)
	f.World.worksOff(t, c)
	await(t, func() bool { return h.idle(t) })
	stop()
	background.Wait()
	var found bytes.Buffer
	if err := check(t.Context(), h.data, h.db, &found); err != nil {
		t.Errorf("afterwards: %v\n%s", err, &found)
	}
}

// load puts everything where the host has it.
func (f former) load(t *testing.T, h *host) {
	t.Helper()
	h.Blobs.OnCreated = nil // its jobs are in the file
	for _, r := range f.Rows {
		item := table.Item{Key: table.Key{Table: r.Table, PK: r.PK, SK: r.SK}, Attrs: table.Attrs(r.Attrs)}
		if expires, has := item.Attrs[table.ExpiresAttr]; has && expires.(int64) <= h.now().Unix() {
			continue
		}
		written, err := h.Table.Write(t.Context(), table.Put(item.Key, item.Attrs))
		ok(t, err)
		if written.Attrs[table.SchemaAttr] != item.Attrs[table.SchemaAttr] {
			t.Fatalf("rows are of the layout %v, which Put does not write: load them another way", item.Attrs[table.SchemaAttr])
		}
	}
	for key, text := range f.Objects {
		content := []byte(text)
		if encoded, binary := strings.CutPrefix(text, "base64:"); binary {
			var err error
			content, err = base64.StdEncoding.DecodeString(encoded)
			ok(t, err)
		}
		_, err := h.Blobs.Put(t.Context(), key, bytes.NewReader(content), int64(len(content)), blob.Put{})
		ok(t, err)
	}
}

// recordFormer makes a world with this version and writes it down.
func recordFormer(t *testing.T) {
	commit, err := exec.Command("git", "rev-parse", "HEAD").Output()
	ok(t, err)
	h := inMemory(t, time.Now)
	w, c, end := create(t, h)
	f := former{Made: time.Now().UTC(), Commit: strings.TrimSpace(string(commit)), World: w, Answers: readAll(t, c, slices.Concat(w.Paths, w.Lists)...), Objects: map[string]string{}}
	end()
	ok(t, tablebolt.Scan(h.db, func(i table.Item) {
		f.Rows = append(f.Rows, row{i.Table, i.PK, i.SK, attrs(i.Attrs)})
	}, func(row string, err error) { t.Error(row, err) }))
	f.takeObjects(t, h)
	f.takeJobs(t, h)
	out, err := json.MarshalIndent(f, "", " ")
	ok(t, err)
	ok(t, os.MkdirAll("testdata", 0o755))
	ok(t, os.WriteFile(formerFile, append(out, '\n'), 0o644))
}

func (f *former) takeObjects(t *testing.T, h *host) {
	infos, more, err := h.Blobs.List(t.Context(), "", "")
	ok(t, err)
	if more {
		t.Fatal("there are more objects than one list holds")
	}
	for _, info := range infos {
		r, _, err := h.Blobs.Get(t.Context(), info.Key)
		ok(t, err)
		content, err := io.ReadAll(r)
		ok(t, err)
		ok(t, r.Close())
		if f.Objects[info.Key] = string(content); !utf8.Valid(content) {
			f.Objects[info.Key] = "base64:" + base64.StdEncoding.EncodeToString(content)
		}
	}
}

func (f *former) takeJobs(t *testing.T, h *host) {
	for _, name := range queue.Names {
		for {
			messages, err := h.Queues[name].Receive(t.Context(), 1, 0)
			ok(t, err)
			if len(messages) == 0 {
				break
			}
			f.Jobs = append(f.Jobs, job{name, string(messages[0].Body)})
			ok(t, h.Queues[name].Ack(t.Context(), messages[0]))
		}
	}
}

// TestReadByTheFormer has the version released before this one read, serve and
// work off what this one has left: while a deployment goes on, and after one
// that was taken back.
func TestReadByTheFormer(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds another version")
	}
	data, err := os.ReadFile(formerFile)
	ok(t, err)
	var f former
	ok(t, json.Unmarshal(data, &f))
	binary := buildFormer(t, f.Commit)
	dir := t.TempDir()
	o, _, err := parseOptions([]string{"-addr", "127.0.0.1:0", "-data", dir}, io.Discard)
	ok(t, err)
	h, err := open(o, dir)
	ok(t, err)
	w, c, end := create(t, h)
	now := readAll(t, c, w.Paths...)
	end()
	ok(t, h.close())
	ready := newEnv(dir)
	cmd := exec.Command(binary, "-addr", "127.0.0.1:0", "-data", dir)
	var log bytes.Buffer
	cmd.Stderr = &log
	ok(t, cmd.Start())
	s := &server{data: dir}
	await(t, func() bool { return ready(s) })
	c.Base = s.Base
	compareAll(t, readAll(t, c, w.Paths...), now) // what the former does not know it does not say
	w.goOn(t, c)
	w.worksOff(t, c)
	ok(t, cmd.Process.Signal(os.Interrupt))
	ok(t, cmd.Wait())
	if out, err := exec.Command(binary, "-data", dir, "check").CombinedOutput(); err != nil {
		t.Errorf("afterwards: %v\n%s", err, out)
	}
}

// buildFormer builds the embedded server of a commit, if git has it.
func buildFormer(t *testing.T, commit string) string {
	t.Helper()
	root, err := build.Root(".")
	ok(t, err)
	dir := t.TempDir()
	archive := exec.Command("git", "-C", root, "archive", commit)
	tar := exec.Command("tar", "-x", "-C", dir)
	tar.Stdin, err = archive.StdoutPipe()
	ok(t, err)
	ok(t, tar.Start())
	if err := archive.Run(); err != nil {
		_ = tar.Wait() // nothing came
		t.Skipf("git does not have the commit %s: %v", commit, err)
	}
	ok(t, tar.Wait())
	binary := filepath.Join(dir, "griot-former")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./infra/local")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("building %s: %v\n%s", commit, err, out)
	}
	return binary
}
