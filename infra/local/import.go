package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"griot/internal/conversation/archive"
)

// importInput is what `import` was asked for.
type importInput struct{ file, to, key string }

func parseImport(args []string, stderr io.Writer) (importInput, error) {
	in := importInput{key: os.Getenv("GRIOT_KEY")}
	fs := flag.NewFlagSet("import", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&in.to, "to", "", "base `URL` of another server, also a deployed one; its key is in GRIOT_KEY")
	fs.Usage = func() {
		fmt.Fprint(stderr, "usage: import FILE [-to URL]\n\nFILE is what GET /api/users/me/export gave.\n\n")
		fs.PrintDefaults()
	}
	var err error
	if in.file, err = oneFile(fs, args); err != nil {
		return in, err
	}
	if in.to != "" && in.key == "" {
		return in, errors.New("import -to wants a key of that server in GRIOT_KEY")
	}
	return in, nil
}

// importArchive puts an archive into the first workspace of the running server,
// or of one that it starts for the purpose, or into that of a key elsewhere.
func importArchive(ctx context.Context, o options, args []string, stdout, stderr io.Writer) error {
	in, err := parseImport(args, stderr)
	if err != nil {
		return err
	}
	if in.to != "" {
		return in.send(ctx, &client{in.to, in.key}, stdout)
	}
	return withServer(ctx, o, func(c *client) error { return in.send(ctx, c, stdout) })
}

// send reads the file three times: whether it is whole, so that nothing is
// imported of one that is cut off, then its conversations, then its memories.
func (in importInput) send(ctx context.Context, c *client, out io.Writer) error {
	f, err := os.Open(in.file)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, _, err := (archive.File{}).Read(f); err != nil {
		return fmt.Errorf("%s: %w; nothing was imported", in.file, err)
	}
	i := importer{ctx: ctx, client: c, out: out}
	for _, member := range []string{"conversations", "memories"} {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		i.member = member
		read := archive.File{Memory: i.add}
		if member == "conversations" {
			read = archive.File{Conversation: i.add}
		}
		if _, _, err := read.Read(f); err != nil {
			return i.broken(err)
		}
		if err := i.flush(); err != nil {
			return i.broken(err)
		}
	}
	i.print("conversations", i.sum.Conversations)
	i.print("memories", i.sum.Memories)
	return nil
}

// importer sends the items of an archive in batches.
type importer struct {
	ctx    context.Context
	client *client
	out    io.Writer

	member string // of the archive that is sent
	batch  []json.RawMessage
	bytes  int
	sum    archive.Report
}

// Bounds of a batch.
const (
	batchItems = 100
	batchBytes = 700 << 10
)

func (i *importer) add(item json.RawMessage) error {
	if len(i.batch) == batchItems || len(i.batch) > 0 && i.bytes+len(item) > batchBytes {
		if err := i.flush(); err != nil {
			return err
		}
	}
	i.batch, i.bytes = append(i.batch, item), i.bytes+len(item)
	return nil
}

// flush sends what was gathered. Of a batch that is refused each item is sent
// alone, so that only what is wrong is passed over.
func (i *importer) flush() error {
	batch := i.batch
	i.batch, i.bytes = nil, 0
	if len(batch) == 0 {
		return nil
	}
	err := i.send(batch)
	var refused *declined
	if !errors.As(err, &refused) || !refused.ofBody() {
		return err
	}
	for _, item := range batch {
		err := i.send([]json.RawMessage{item})
		switch {
		case errors.As(err, &refused) && refused.ofBody():
			i.passOver(item, refused)
		case err != nil:
			return err
		}
	}
	return nil
}

// passOver says that an item is wrong.
func (i *importer) passOver(item json.RawMessage, why *declined) {
	var of struct{ ID any }
	_ = json.Unmarshal(item, &of) // whatever it is, it is passed over
	fmt.Fprintf(i.out, "%s %v is passed over: %s\n", i.member, of.ID, why.text)
	if i.member == "memories" {
		i.sum.Memories.PassedOver++
	} else {
		i.sum.Conversations.PassedOver++
	}
}

// send sends one batch, and waits where the server says that it is too fast.
func (i *importer) send(batch []json.RawMessage) error {
	body, err := json.Marshal(map[string][]json.RawMessage{i.member: batch})
	if err != nil {
		return err
	}
	var answer struct{ Data archive.Report }
	for {
		err = i.client.post(i.ctx, "/api/users/me/import", body, &answer)
		var refused *declined
		if !errors.As(err, &refused) || refused.wait == 0 {
			break
		}
		select {
		case <-i.ctx.Done():
			return i.ctx.Err()
		case <-time.After(refused.wait):
		}
	}
	if err != nil {
		return err
	}
	i.sum.Conversations = plus(i.sum.Conversations, answer.Data.Conversations)
	i.sum.Memories = plus(i.sum.Memories, answer.Data.Memories)
	for _, n := range answer.Data.Notes {
		fmt.Fprintf(i.out, "%s %s: %s\n", n.Kind, n.ID, n.Message)
	}
	return nil
}

func plus(a, b archive.Sums) archive.Sums {
	return archive.Sums{Imported: a.Imported + b.Imported, Present: a.Present + b.Present, PassedOver: a.PassedOver + b.PassedOver}
}

// broken says how far an import came that did not end.
func (i *importer) broken(err error) error {
	return fmt.Errorf("%w\n%d conversations and %d memories were imported; import the same file again for the rest",
		err, i.sum.Conversations.Imported, i.sum.Memories.Imported)
}

func (i *importer) print(what string, s archive.Sums) {
	fmt.Fprintf(i.out, "%s: %d imported, %d were there, %d passed over\n", what, s.Imported, s.Present, s.PassedOver)
}

// declined is an answer that is no success.
type declined struct {
	status int
	text   string
	wait   time.Duration // 0: asking again does not help
}

func (r *declined) Error() string { return fmt.Sprintf("the server answers %d: %s", r.status, r.text) }

// ofBody reports whether something in the body is wrong.
func (r *declined) ofBody() bool {
	return r.status == http.StatusUnprocessableEntity || r.status == http.StatusBadRequest
}

// post sends JSON to the conversations API.
func (c *client) post(ctx context.Context, path string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK {
		return json.NewDecoder(resp.Body).Decode(out)
	}
	var said struct {
		Error      string
		RetryAfter float64
	}
	_ = json.NewDecoder(resp.Body).Decode(&said) // without a body the status says enough
	r := &declined{status: resp.StatusCode, text: said.Error}
	if r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable {
		r.wait = max(time.Second, time.Duration(said.RetryAfter*float64(time.Second)))
	}
	return r
}
