// Package pack opens what files are packed in: gzip, and the zip archives of
// which the documents of Word and LibreOffice are made, too. However small a
// file is packed, no more comes out than a bound, and what is damaged is a
// *source.Error.
package pack

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"griot/internal/transcript/format/source"
)

// maxUnpacked is how many times the limit of its text a file has at most once
// it is unpacked: the XML of a document is several times as long as its words.
const maxUnpacked = 12

// IsGzip recognises gzip by the first bytes of a file.
func IsGzip(head []byte) bool { return bytes.HasPrefix(head, []byte{0x1F, 0x8B, 8}) }

// Gunzip reads what r holds packed, for a text of at most limit bytes.
func Gunzip(r io.Reader, limit int64) io.Reader {
	packed := &watched{r: r}
	return newUnpacked(packed, limit, func() (io.Reader, error) { return gzip.NewReader(packed) })
}

// unpacked tells a file that is damaged or too large from a source that fails.
type unpacked struct {
	packed *watched
	open   func() (io.Reader, error)
	r      io.Reader // nil until the first Read
	limit  int64
	left   int64 // bytes that may still come
}

func newUnpacked(packed *watched, limit int64, open func() (io.Reader, error)) *unpacked {
	return &unpacked{packed: packed, open: open, limit: limit, left: maxUnpacked * limit}
}

func (u *unpacked) Read(p []byte) (n int, err error) {
	if u.r == nil {
		r, err := u.open()
		if err != nil {
			return 0, u.blame(err)
		}
		u.r = r
	}
	if u.left <= 0 {
		return 0, (&source.Source{Limit: u.limit}).TooLarge()
	}
	n, err = u.r.Read(p[:min(int64(len(p)), u.left)])
	u.left -= int64(n)
	return n, u.blame(err)
}

func (u *unpacked) blame(err error) error {
	switch {
	case err == nil || err == io.EOF && u.r != nil:
		return err
	case u.packed.err != nil:
		return u.packed.err
	}
	return damaged()
}

// watched keeps the error of a reader, which unpackers hide.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

func damaged() *source.Error {
	return source.NewError(source.ParseError, 0, "The file is compressed (gzip or zip) and damaged, or it was cut off; upload it again, or unpacked.")
}
