package dir

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"griot/internal/blob"
)

// List implements blob.Store. It reads the names of every directory on its
// way whole, so a page costs as much as its directories are large.
func (s *Store) List(ctx context.Context, prefix, after string) (found []blob.Info, more bool, err error) {
	w := walk{ctx: ctx, prefix: prefix, after: after}
	above := prefix[:strings.LastIndexByte(prefix, '/')+1]
	if strings.HasPrefix(above, "/") || strings.Contains(above, "//") {
		return nil, false, nil // no key has an empty element
	}
	err = w.descend(s.root, dirName(above), above)
	if err != nil && !errors.Is(err, errFull) {
		return nil, false, fmt.Errorf("listing objects: %w", err)
	}
	return w.found, errors.Is(err, errFull), nil
}

// walk collects the objects of one List.
type walk struct {
	ctx           context.Context
	prefix, after string
	found         []blob.Info
}

// errFull says that there is at least one object more.
var errFull = errors.New("page is full")

// entry is a name in a directory: an object with its key, or a directory
// with what all keys below it begin with.
type entry struct {
	key, name string
	object    bool
}

// descend visits a directory below another, whose keys begin with above. One
// that does not exist, or was pruned just now, is empty.
func (w *walk) descend(from *os.Root, name, above string) error {
	dir, err := from.OpenRoot(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer dir.Close()
	return w.visit(dir, above)
}

func (w *walk) visit(dir *os.Root, above string) error {
	entries, err := w.entries(dir, above)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if e.object {
			err = w.add(dir, e)
		} else {
			err = w.descend(dir, e.name, e.key)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// entries returns those of a directory that may matter, in key order. No key
// of an entry begins with another's (save an object's own), so the order of
// entries is the order of the keys below them.
func (w *walk) entries(dir *os.Root, above string) ([]entry, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var entries []entry
	for _, name := range names {
		if e, ok := parseEntry(above, name); ok && w.wants(e) {
			entries = append(entries, e)
		}
	}
	slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	return entries, nil
}

func parseEntry(above, name string) (entry, bool) {
	text, mark, ok := parseName(name)
	e := entry{key: above + text, name: name, object: mark == objectMark}
	if mark == dirMark {
		e.key += "/"
	}
	return e, ok
}

func (w *walk) wants(e entry) bool {
	if e.object {
		return strings.HasPrefix(e.key, w.prefix) && e.key > w.after
	}
	onWay := strings.HasPrefix(e.key, w.prefix) || strings.HasPrefix(w.prefix, e.key)
	return onWay && (e.key > w.after || strings.HasPrefix(w.after, e.key))
}

func (w *walk) add(dir *os.Root, e entry) error {
	f, info, err := openObject(dir, e.name, e.key)
	if errors.Is(err, blob.ErrNotFound) { // deleted meanwhile
		return nil
	}
	if err != nil {
		return err
	}
	if len(w.found) == blob.MaxList {
		f.Close()
		return errFull
	}
	w.found = append(w.found, info)
	return f.Close()
}
