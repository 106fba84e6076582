package capture

import (
	"bytes"
	"fmt"

	"griot/internal/record"
	"griot/internal/table"
	"griot/internal/transcript"
)

const runPrefix = "seg#"

func runKey(ref record.Ref, firstSeq int64) table.Key {
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: runSK(firstSeq)}
}

func runSK(firstSeq int64) string { return fmt.Sprintf("%s%016d", runPrefix, firstSeq) }

// blockKey holds the hashes of the texts of 64 client_seq values of a source.
func blockKey(ref record.Ref, block blockID) table.Key {
	sk := fmt.Sprintf("dup#%s#%016d", block.source, block.num)
	return table.Key{Table: table.Sessions, PK: ref.Partition(), SK: sk}
}

// maxRun is the most bytes of one run row, well below the limit of an item.
const maxRun = 300_000

// run is a row of segments in seq order, one JSON line each.
type run struct {
	first int64 // seq of the first line
	n     int64
	lines []byte
}

// encodeRuns numbers turns from seq on, at byte offset textBytes of the
// artifact, and packs them. It returns the artifact's length after them.
func encodeRuns(turns []transcript.Turn, seq, textBytes int64) ([]run, int64, error) {
	runs := []run{{first: seq}}
	for _, turn := range turns {
		offset := textBytes
		if seq > 1 {
			offset++ // the newline between two segments
		}
		line, err := transcript.Marshal(transcript.NewSegment(turn, seq, offset))
		if err != nil {
			return nil, 0, fmt.Errorf("encoding segment %d: %w", seq, err)
		}
		last := &runs[len(runs)-1]
		if last.n > 0 && len(last.lines)+len(line)+1 > maxRun {
			runs = append(runs, run{first: seq})
			last = &runs[len(runs)-1]
		}
		last.lines = append(append(last.lines, line...), '\n')
		last.n++
		seq, textBytes = seq+1, offset+int64(len(turn.Text))
	}
	return runs, textBytes, nil
}

// split returns the lines of a run with their seq.
func (r run) split() []Line {
	lines := make([]Line, 0, r.n)
	rest := r.lines
	for seq := r.first; len(rest) > 0; seq++ {
		line, tail, _ := bytes.Cut(rest, []byte("\n"))
		lines = append(lines, Line{Seq: seq, JSON: line})
		rest = tail
	}
	return lines
}
