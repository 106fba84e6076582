package archive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version is that of archives; files of others are not read.
const Version = "1"

const (
	// maxItem is the most bytes of one conversation or memory in a file: a memory
	// has 50,000 characters, each of which may be written in six bytes or twelve.
	maxItem = 1 << 20
	// maxDepth bounds how deep what is skipped may be nested.
	maxDepth = 100
)

// File reads an archive from its beginning to its end, and holds no more of it
// than one item.
type File struct {
	// Conversation and Memory are called with each of them, in the order of the
	// file; nil passes them by.
	Conversation, Memory func(json.RawMessage) error
}

// counts are what a file says that it has.
type counts struct {
	Conversations, Memories *int64
}

// Read returns how many conversations and memories there are. A file that ends
// too early, is of another version, or has others than it says, is an error.
func (f File) Read(r io.Reader) (conversations, memories int64, err error) {
	in := &rationed{r: r}
	dec := json.NewDecoder(in)
	var said counts
	version := ""
	err = f.members(dec, in, func(name string) error {
		switch name {
		case "exportVersion":
			return dec.Decode(&version)
		case "counts":
			return dec.Decode(&said)
		case "conversations":
			return items(dec, in, &conversations, f.Conversation)
		case "memories":
			return items(dec, in, &memories, f.Memory)
		}
		return skip(dec, in)
	})
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return 0, 0, fmt.Errorf("the archive is cut off after %d bytes: it has no end", in.read)
	case err != nil:
		return 0, 0, fmt.Errorf("the archive cannot be read, about byte %d: %w", dec.InputOffset(), err)
	case version != Version:
		return 0, 0, fmt.Errorf("exportVersion is %q: archives of version %s are read", version, Version)
	case differs(said.Conversations, conversations), differs(said.Memories, memories):
		return 0, 0, errors.New("the archive does not have as much as its counts say")
	}
	return conversations, memories, nil
}

func differs(said *int64, is int64) bool { return said != nil && *said != is }

// members calls fn, which has to read the value, for each member of the file's
// object, behind which there must be nothing.
func (f File) members(dec *json.Decoder, in *rationed, fn func(name string) error) error {
	if err := opens(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		in.more()
		name, err := dec.Token()
		if err != nil {
			return err
		}
		if err := fn(name.(string)); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	in.more()
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something behind its end")
	}
	return nil
}

func opens(dec *json.Decoder, with json.Delim) error {
	t, err := dec.Token()
	if err == nil && t != with {
		err = fmt.Errorf("there is %v where %v should be", t, with)
	}
	return err
}

// items reads a list, and counts it.
func items(dec *json.Decoder, in *rationed, n *int64, do func(json.RawMessage) error) error {
	if err := opens(dec, '['); err != nil {
		return err
	}
	for dec.More() {
		in.more()
		var item json.RawMessage
		if err := dec.Decode(&item); err != nil {
			return err
		}
		*n++
		if do != nil {
			if err := do(item); err != nil {
				return err
			}
		}
	}
	_, err := dec.Token()
	return err
}

// skip reads a value and holds nothing of it but single tokens.
func skip(dec *json.Decoder, in *rationed) error {
	for depth := 0; ; {
		in.more()
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		if depth > maxDepth {
			return errors.New("it is nested too deeply")
		}
	}
}

// rationed is a reader that gives so much for one item, and no more.
type rationed struct {
	r          io.Reader
	read, most int64
}

// more begins the next item.
func (r *rationed) more() { r.most = r.read + maxItem }

func (r *rationed) Read(p []byte) (int, error) {
	if r.most == 0 {
		r.more()
	}
	left := r.most - r.read
	if left <= 0 {
		return 0, fmt.Errorf("an item has more than %d bytes", maxItem)
	}
	n, err := r.r.Read(p[:min(int64(len(p)), left)])
	r.read += int64(n)
	return n, err
}
