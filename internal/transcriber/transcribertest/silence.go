package transcribertest

import (
	"encoding/binary"
	"strings"
)

// Silence is a WAV file of so many seconds: 8 bits and 8 kHz, one channel.
func Silence(seconds int) string {
	const rate = 8000
	size := uint32(rate * seconds)
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), 36+size)
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...) // PCM, one channel
	b = binary.LittleEndian.AppendUint32(b, rate)
	b = binary.LittleEndian.AppendUint32(b, rate) // bytes a second
	b = append(b, "\x01\x00\x08\x00data"...)
	b = binary.LittleEndian.AppendUint32(b, size)
	return string(b) + strings.Repeat("\x80", int(size))
}
