// Package dir is the embedded driver of the blob port: objects are files
// below a directory, and a handler takes the signed uploads.
//
// Layout of the directory:
//
//	objects/…    one file per object; name.go says how keys become names
//	temp/…       objects being written; emptied by Open
//	upload.key   the secret that signs upload URLs, hexadecimal, mode 0600
//
// A file is the object's bytes and behind them a footer with their SHA-256,
// so content and ETag change in one rename, and an ETag costs a read of 40
// bytes. One process at a time may use the directory.
package dir

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"griot/internal/blob"
	"griot/internal/disk"
)

const (
	objects = "objects"
	temp    = "temp"
)

// Options of a store.
type Options struct {
	// Base is the address under which clients reach the Handler, such as
	// http://127.0.0.1:3000. Without it nothing can be signed.
	Base string
	// NoSync leaves durability to the operating system, for throw-away data.
	NoSync bool
	Now    func() time.Time // time.Now
	// State is told of refused writes; nil: nobody is.
	State *disk.State
}

// Store implements blob.Store.
type Store struct {
	// OnCreated is told of every object that arrives at the Handler, when it
	// is durable and before the client gets its answer; an error becomes the
	// answer 500. It is told at least once: again when a client repeats its
	// PUT, for it cannot know whether the first was cut off too early. Set it
	// before the Handler serves.
	OnCreated func(ctx context.Context, key string, info blob.Info) error

	root   *os.Root
	base   *url.URL // nil without Options.Base
	secret []byte
	sync   bool
	now    func() time.Time
	state  *disk.State
	// tree is held to change which directories exist, and shared to put a
	// file into one of them. Whoever holds it syncs before letting go: a
	// directory that is seen to exist is durable.
	tree     sync.RWMutex
	writing  sync.Mutex // held while a piece of content is hashed and written
	flushing sync.Mutex // held while one becomes durable
	// deleting is shared by deletions, and held to have none.
	deleting sync.RWMutex
}

var _ blob.Store = (*Store)(nil)

// Open opens the store in a directory, which it makes if need be, and removes
// what an earlier process left half-written. Close it after use.
func Open(directory string, o Options) (*Store, error) {
	s := &Store{sync: !o.NoSync, now: o.Now, state: o.State}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.base, err = parseBase(o.Base); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return nil, fmt.Errorf("making the object directory: %w", s.state.Explain(err))
	}
	if s.root, err = os.OpenRoot(directory); err != nil {
		return nil, fmt.Errorf("opening the object directory: %w", err)
	}
	if err := s.prepare(); err != nil {
		s.root.Close()
		return nil, fmt.Errorf("preparing the object directory: %w", s.state.Explain(err))
	}
	return s, nil
}

// Close releases the directory.
func (s *Store) Close() error { return s.root.Close() }

func parseBase(base string) (*url.URL, error) {
	if base == "" {
		return nil, nil
	}
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("base address %q is not an http URL", base)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")}, nil
}

func (s *Store) prepare() error {
	for _, name := range []string{temp, objects} {
		if err := s.makeDirs(name); err != nil {
			return err
		}
	}
	if err := s.emptyTemp(); err != nil {
		return err
	}
	return s.loadSecret()
}

// emptyTemp keeps the directory itself: a full disk might not let it be made
// anew.
func (s *Store) emptyTemp() error {
	dir, err := s.root.Open(temp)
	if err != nil {
		return err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	for _, name := range names {
		err = errors.Join(err, s.root.RemoveAll(path.Join(temp, name)))
	}
	return err
}

// makeDirs makes a directory and those above it, durably.
func (s *Store) makeDirs(name string) error {
	err := s.root.Mkdir(name, 0o700)
	if errors.Is(err, fs.ErrNotExist) {
		if err := s.makeDirs(path.Dir(name)); err != nil {
			return err
		}
		err = s.root.Mkdir(name, 0o700)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.syncDir(path.Dir(name))
}

// prune removes a directory and those above it as long as they are empty.
func (s *Store) prune(name string) {
	s.tree.Lock()
	defer s.tree.Unlock()
	for ; name != objects; name = path.Dir(name) {
		if s.root.Remove(name) != nil { // not empty, as a rule
			return
		}
	}
}

// syncDir makes the entries of a directory durable. One that is gone has
// none.
func (s *Store) syncDir(name string) error {
	if !s.sync {
		return nil
	}
	f, err := s.root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Get implements blob.Store. What it opened stays readable when the object
// is replaced or deleted.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, blob.Info, error) {
	return s.GetRange(ctx, key, 0, -1)
}

// GetRange implements blob.Store.
func (s *Store) GetRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, blob.Info, error) {
	if offset < 0 || length < -1 {
		return nil, blob.Info{}, fmt.Errorf("reading object %s: no range of %d bytes from %d", key, length, offset)
	}
	f, info, err := s.open(ctx, key)
	if err != nil {
		return nil, blob.Info{}, err
	}
	offset = min(offset, info.Size)
	if rest := info.Size - offset; length < 0 || length > rest {
		length = rest
	}
	return content{io.NewSectionReader(f, offset, length), f}, info, nil
}

// content is a part of a file.
type content struct {
	*io.SectionReader
	io.Closer
}

// Stat implements blob.Store.
func (s *Store) Stat(ctx context.Context, key string) (blob.Info, error) {
	f, info, err := s.open(ctx, key)
	if err != nil {
		return blob.Info{}, err
	}
	return info, f.Close()
}

func (s *Store) open(ctx context.Context, key string) (*os.File, blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return nil, blob.Info{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, blob.Info{}, err
	}
	return openObject(s.root, objectName(key), key)
}

// openObject opens the file that a name in a directory stands for.
func openObject(dir *os.Root, name, key string) (*os.File, blob.Info, error) {
	f, err := dir.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, blob.Info{}, fmt.Errorf("%w: %s", blob.ErrNotFound, key)
	}
	if err != nil {
		return nil, blob.Info{}, fmt.Errorf("opening object %s: %w", key, err)
	}
	info, err := describe(f)
	if err != nil {
		f.Close()
		return nil, blob.Info{}, fmt.Errorf("opening object %s: %w", key, err)
	}
	info.Key = key
	return f, info, nil
}

var errDamaged = errors.New("file is damaged: it has no footer")

// describe reads a file's footer.
func describe(f *os.File) (blob.Info, error) {
	st, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	size := st.Size() - int64(footerSize)
	if size < 0 {
		return blob.Info{}, errDamaged
	}
	footer := make([]byte, footerSize)
	if _, err := f.ReadAt(footer, size); err != nil {
		return blob.Info{}, err
	}
	sum := len(footer) - len(footerMark)
	if string(footer[sum:]) != footerMark {
		return blob.Info{}, errDamaged
	}
	return blob.Info{Size: size, ETag: hex.EncodeToString(footer[:sum]), Modified: st.ModTime().UTC()}, nil
}

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
	names, err := namesIn(dir)
	if errors.Is(err, fs.ErrNotExist) { // pruned since it was opened
		return nil, nil
	}
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

func namesIn(dir *os.Root) ([]string, error) {
	f, err := dir.Open(".")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
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
