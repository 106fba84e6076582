package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"griot/internal/blob"
	"griot/internal/blob/dir"
	"griot/internal/disk"
	"griot/internal/queue"
	queuebolt "griot/internal/queue/bolt"
	"griot/internal/search"
	"griot/internal/session"
	"griot/internal/table"
	tablebolt "griot/internal/table/bolt"
)

// What to do about findings.
const (
	putBack    = "stop the server, keep this directory as it is, and start on a copy that backup made"
	putObject  = "put the file back from a copy that backup made, or delete the session"
	putSegment = "put the file back from a copy that backup made: until then the workspace's search fails"
	resend     = "nothing: the sweeper sends again what is lost"
	newSecret  = "remove the file: the next start makes another one, and upload URLs that were given out before are refused"
)

// inspection is a check of a data directory under way.
type inspection struct {
	data     string
	out      io.Writer
	findings int
	rows     int
	messages int
	named    map[string]blob.Info // objects that rows rest on; one without a size: any
	objects  int
	bytes    int64
}

// check looks at all that a data directory has and prints what it saw. It
// changes nothing. The file is open and no object is deleted meanwhile.
func check(ctx context.Context, data string, db *disk.File, out io.Writer) error {
	c := &inspection{data: data, out: out, named: map[string]blob.Info{}}
	fmt.Fprintf(out, "checking %s\n", data)
	pages, err := db.Check(func(problem string) { c.find("database", problem, putBack) })
	if err != nil {
		c.find("database", err.Error(), putBack)
	}
	c.count("pages of the database", pages)
	if err := tablebolt.Scan(db, c.row, func(row string, err error) { c.find("row "+row, err.Error(), putBack) }); err != nil {
		c.find("tables", err.Error(), putBack)
	}
	c.count("rows", c.rows)
	c.queues(db)
	return c.finish(ctx)
}

// checkObjects is the check of a directory whose database cannot be opened.
func checkObjects(ctx context.Context, data string, cause error, out io.Writer) error {
	c := &inspection{data: data, out: out}
	fmt.Fprintf(out, "checking %s\n", data)
	c.find("database", cause.Error(), putBack)
	return c.finish(ctx)
}

func (c *inspection) finish(ctx context.Context) error {
	if err := dir.Scan(ctx, objectsPath(c.data), c.object); err != nil {
		if ctx.Err() != nil {
			return err
		}
		c.find("objects", err.Error(), putBack)
	}
	if err := dir.CheckSecret(objectsPath(c.data)); errors.Is(err, dir.ErrSecret) {
		c.find("objects", err.Error(), newSecret)
	}
	c.count(fmt.Sprintf("objects with %d bytes, each by its checksum", c.bytes), c.objects)
	for key := range c.named { // object took out those that are there
		c.find("object "+key, "a row names it, and it is not there", whatFor(key))
	}
	if c.findings > 0 {
		return fmt.Errorf("%d findings in %s", c.findings, c.data)
	}
	fmt.Fprintln(c.out, "no findings")
	return nil
}

func (c *inspection) count(what string, n int) { fmt.Fprintf(c.out, "%10d  %s\n", n, what) }

func (c *inspection) find(where, problem, todo string) {
	c.findings++
	fmt.Fprintf(c.out, "finding: %s: %s\n         to do: %s\n", where, problem, todo)
}

// row notes what a row rests on.
func (c *inspection) row(row table.Item) {
	c.rows++
	for _, key := range session.Named(row) {
		c.named[key] = blob.Info{Key: key, Size: -1}
	}
	segments, err := search.Named(row)
	if err != nil {
		c.find("row "+row.PK+" "+row.SK, err.Error(), putBack)
	}
	for _, segment := range segments {
		c.named[segment.Key] = segment
	}
}

func (c *inspection) queues(db *disk.File) {
	for _, name := range queue.Names {
		n, err := queuebolt.Scan(db, name, func(message string, err error) {
			c.find(fmt.Sprintf("message %s of queue %s", message, name), err.Error(), resend)
		})
		if err != nil {
			c.find(fmt.Sprintf("queue %s", name), err.Error(), putBack)
		}
		c.messages += n
	}
	c.count("messages", c.messages)
}

// object looks at an object that is there.
func (c *inspection) object(object blob.Info, err error) {
	c.objects++
	c.bytes += object.Size
	want, named := c.named[object.Key]
	delete(c.named, object.Key)
	switch {
	case err != nil:
		c.find("object "+object.Key, err.Error(), whatFor(object.Key))
	case named && want.Size >= 0 && want.Size != object.Size:
		c.find("object "+object.Key, fmt.Sprintf("it has %d bytes, and a row says %d", object.Size, want.Size), whatFor(object.Key))
	}
}

func whatFor(key string) string {
	if search.IsSegment(key) {
		return putSegment
	}
	return putObject
}

func objectsPath(data string) string { return filepath.Join(data, "objects") }

// openToRead opens the database of a data directory on which no server runs.
func openToRead(data string) (*disk.File, error) {
	info, err := os.Stat(databasePath(data))
	switch {
	case os.IsNotExist(err):
		return nil, fmt.Errorf("there is no database griot.db in %s", data)
	case err == nil && info.Size() == 0:
		return nil, fmt.Errorf("%w: %s is empty", disk.ErrDamaged, databasePath(data))
	}
	db, err := disk.Open(databasePath(data), disk.Options{ReadOnly: true})
	if errors.Is(err, disk.ErrLocked) {
		return nil, fmt.Errorf("%w: the server that runs on %s has no operator's socket (its disk was full when it started?): stop it first", err, data)
	}
	return db, err
}
