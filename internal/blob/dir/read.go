package dir

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"griot/internal/blob"
)

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
