package stream

import "bytes"

// SkipTags returns where the sound begins behind ID3 tags and zeros.
func SkipTags(s *Source) int64 {
	pos := int64(0)
	for !s.Spent() {
		b := s.At(pos, 10)
		switch {
		case len(b) == 10 && string(b[:3]) == "ID3":
			pos += 10 + int64(b[6]&0x7F)<<21 + int64(b[7]&0x7F)<<14 + int64(b[8]&0x7F)<<7 + int64(b[9]&0x7F)
			if b[5]&0x10 != 0 { // a footer
				pos += 10
			}
		case len(b) > 0 && b[0] == 0:
			zeros := s.At(pos, block)
			pos += int64(len(zeros) - len(bytes.TrimLeft(zeros, "\x00")))
		default:
			return pos
		}
	}
	return pos
}

// SkipTrailer returns where the sound ends before an ID3v1 tag.
func SkipTrailer(s *Source) int64 {
	const tag = 128
	if bytes.HasPrefix(s.At(s.Size-tag, 3), []byte("TAG")) {
		return s.Size - tag
	}
	return s.Size
}
