package platform

import (
	"bytes"
	"io"
	"sync"
)

// logger lets many processes print whole lines to one place.
type logger struct {
	mu  sync.Mutex
	out io.Writer
}

func (l *logger) prefix(name string) *prefixed {
	return &prefixed{logger: l, prefix: []byte(name + "  ")}
}

// prefixed puts a name before each line.
type prefixed struct {
	logger *logger
	prefix []byte
	mu     sync.Mutex
	rest   []byte // of a line that has not ended
}

func (p *prefixed) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = append(p.rest, data...)
	end := bytes.LastIndexByte(p.rest, '\n') + 1
	p.print(p.rest[:end])
	p.rest = append(p.rest[:0], p.rest[end:]...)
	return len(data), nil
}

func (p *prefixed) print(lines []byte) {
	p.logger.mu.Lock()
	defer p.logger.mu.Unlock()
	for line := range bytes.Lines(lines) {
		_, _ = p.logger.out.Write(append(p.prefix[:len(p.prefix):len(p.prefix)], line...)) // nobody to tell
	}
}

// end prints what is left.
func (p *prefixed) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.rest) > 0 {
		p.print(append(p.rest, '\n'))
		p.rest = nil
	}
}
