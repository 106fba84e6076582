package dir

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"

	"griot/internal/blob"
)

// footerMark ends every object's file; the SHA-256 of the content is before
// it.
const (
	footerMark = "\x00griot1\n"
	footerSize = sha256.Size + len(footerMark)
)

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, p blob.Put) (blob.Info, error) {
	if err := blob.CheckKey(key); err != nil {
		return blob.Info{}, err
	}
	if p.IfAbsent { // spare reading r; publish decides
		if err := s.absent(ctx, key); err != nil {
			return blob.Info{}, err
		}
	}
	name := path.Join(temp, rand.Text())
	defer s.root.Remove(name) // fails after a rename, as it should
	info, err := s.spool(ctx, name, r, size)
	if err != nil {
		return blob.Info{}, fmt.Errorf("writing object %s: %w", key, s.state.Explain(err))
	}
	if err := s.publish(name, objectName(key), p.IfAbsent); err != nil {
		return blob.Info{}, fmt.Errorf("storing object %s: %w", key, s.state.Explain(err))
	}
	info.Key = key
	return info, nil
}

func (s *Store) absent(ctx context.Context, key string) error {
	_, err := s.Stat(ctx, key)
	switch {
	case err == nil:
		return fmt.Errorf("%w: %s", blob.ErrExists, key)
	case errors.Is(err, blob.ErrNotFound):
		return nil
	}
	return err
}

// spool writes content and footer to a new file and makes them durable.
func (s *Store) spool(ctx context.Context, name string, r io.Reader, size int64) (blob.Info, error) {
	f, err := s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return blob.Info{}, err
	}
	defer f.Close()
	w := &spooler{s: s, f: f, hash: sha256.New()}
	n, err := copyContent(ctx, w, r, size)
	if err != nil {
		return blob.Info{}, err
	}
	sum := w.hash.Sum(nil)
	if _, err := f.Write(append(sum, footerMark...)); err != nil {
		return blob.Info{}, err
	}
	if err := w.flush(); err != nil {
		return blob.Info{}, err
	}
	st, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	return blob.Info{Size: n, ETag: hex.EncodeToString(sum), Modified: st.ModTime().UTC()}, f.Close()
}

// spooler writes the content of an object, in pieces between those of others:
// one is hashed and written at a time, and one is flushed at a time, so that many
// large objects leave both a processor and the disk to what is small.
type spooler struct {
	s       *Store
	f       *os.File
	hash    hash.Hash
	pending int // bytes that were not flushed
}

// flushEvery bounds what a disk has to take before the next small commit.
const flushEvery = 1 << 20

func (w *spooler) Write(p []byte) (n int, err error) {
	w.s.writing.Lock()
	w.hash.Write(p)
	n, err = w.f.Write(p)
	w.s.writing.Unlock()
	if w.pending += n; err == nil && w.pending >= flushEvery {
		err = w.flush()
	}
	return n, err
}

func (w *spooler) flush() error {
	w.pending = 0
	if !w.s.sync {
		return nil
	}
	w.s.flushing.Lock()
	defer w.s.flushing.Unlock()
	return w.f.Sync()
}

// copyBuffer is how much of an object is in memory.
const copyBuffer = 128 << 10

// copyContent copies exactly size bytes (-1: all).
func copyContent(ctx context.Context, w io.Writer, r io.Reader, size int64) (n int64, err error) {
	buffer := int64(copyBuffer)
	if size >= 0 {
		r = io.LimitReader(r, size+1) // one more, to notice it
		buffer = min(buffer, size+1)
	}
	n, err = io.CopyBuffer(w, contextReader{ctx, r}, make([]byte, buffer))
	switch {
	case err != nil:
		return n, err
	case size >= 0 && n < size:
		return n, fmt.Errorf("content ends after %d of %d bytes: %w", n, size, io.ErrUnexpectedEOF)
	case size >= 0 && n > size:
		return n, fmt.Errorf("content has more than %d bytes", size)
	}
	return n, nil
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// publish gives a finished file its name, durably.
func (s *Store) publish(from, to string, ifAbsent bool) error {
	s.tree.RLock()
	err := s.rename(from, to, ifAbsent)
	s.tree.RUnlock()
	if errors.Is(err, fs.ErrNotExist) {
		err = s.publishDeep(from, to, ifAbsent)
	}
	if err != nil {
		return err
	}
	return s.syncDir(path.Dir(to))
}

// publishDeep makes the directories first.
func (s *Store) publishDeep(from, to string, ifAbsent bool) error {
	s.tree.Lock()
	defer s.tree.Unlock()
	if err := s.makeDirs(path.Dir(to)); err != nil {
		return err
	}
	return s.rename(from, to, ifAbsent)
}

func (s *Store) rename(from, to string, ifAbsent bool) error {
	if !ifAbsent {
		return s.root.Rename(from, to)
	}
	err := s.root.Link(from, to) // unlike a rename, it replaces nothing
	if errors.Is(err, fs.ErrExist) {
		return blob.ErrExists
	}
	return err
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := blob.CheckKey(key); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	s.deleting.RLock()
	defer s.deleting.RUnlock()
	name := objectName(key)
	err := s.root.Remove(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.syncDir(path.Dir(name))
	}
	if err != nil {
		return fmt.Errorf("deleting object %s: %w", key, s.state.Explain(err))
	}
	s.prune(path.Dir(name))
	return nil
}
