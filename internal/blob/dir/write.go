package dir

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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
	sum, n, err := copyContent(ctx, f, r, size)
	if err != nil {
		return blob.Info{}, err
	}
	if _, err := f.Write(append(sum, footerMark...)); err != nil {
		return blob.Info{}, err
	}
	if s.sync {
		if err := f.Sync(); err != nil {
			return blob.Info{}, err
		}
	}
	st, err := f.Stat()
	if err != nil {
		return blob.Info{}, err
	}
	return blob.Info{Size: n, ETag: hex.EncodeToString(sum), Modified: st.ModTime().UTC()}, f.Close()
}

// copyBuffer is how much of an object is in memory.
const copyBuffer = 128 << 10

// copyContent copies exactly size bytes (-1: all) and returns their hash.
func copyContent(ctx context.Context, w io.Writer, r io.Reader, size int64) (sum []byte, n int64, err error) {
	buffer := int64(copyBuffer)
	if size >= 0 {
		r = io.LimitReader(r, size+1) // one more, to notice it
		buffer = min(buffer, size+1)
	}
	hash := sha256.New()
	n, err = io.CopyBuffer(io.MultiWriter(w, hash), contextReader{ctx, r}, make([]byte, buffer))
	switch {
	case err != nil:
		return nil, n, err
	case size >= 0 && n < size:
		return nil, n, fmt.Errorf("content ends after %d of %d bytes: %w", n, size, io.ErrUnexpectedEOF)
	case size >= 0 && n > size:
		return nil, n, fmt.Errorf("content has more than %d bytes", size)
	}
	return hash.Sum(nil), n, nil
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
