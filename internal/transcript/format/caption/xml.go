package caption

import (
	"bytes"
	"encoding/xml"
	"math"
	"strings"

	"griot/internal/transcript/format/markup"
	"griot/internal/transcript/format/source"
	"griot/internal/transcript/format/turn"
)

// IsXML recognises a file that begins with a declaration, with an element that
// has an end, or with one of a transcript.
func IsXML(head string) bool {
	root := markup.Root(head)
	return root != "" && (strings.HasPrefix(strings.TrimLeft(head, " \t\r\n\ufeff"), "<?xml") ||
		strings.Contains(head, "</") || strings.Contains(head, "/>") || refuseRoot(root) == nil)
}

// XML reads YouTube's timed text, Transcriber's files, and other transcripts
// whose elements have times or speakers, in attributes or in elements of their
// own. Any other XML is refused by the name of its first element.
func XML(src *source.Source, out *turn.Collector) error {
	f := xmlFile{src: src, speakers: map[string]string{}}
	if err := markup.Walk(src.R, src, markup.Handler{Start: f.start, End: f.end, Text: f.chars}); err != nil {
		return err
	}
	out.SetLanguage(f.language)
	if f.timed {
		addCues(f.cues(), out)
	} else {
		addUntimed(f.cues(), out)
	}
	return nil
}

// xmlFile takes the elements of a file.
type xmlFile struct {
	src      *source.Source
	language string
	speakers map[string]string // names by their ids, where the file lists them
	open     []xmlElement
	lines    []xmlLine
	size     int64 // bytes of words
	timed    bool  // some line has a time
}

// An xmlLine is what an element says.
type xmlLine struct {
	from, to xmlTime
	lasts    bool // to is how long it lasts
	who      string
	text     string
}

// An xmlElement is open.
type xmlElement struct {
	name string
	xmlLine
	said []byte // since the line before
}

func (f *xmlFile) start(e xml.StartElement) error {
	if len(f.open) == 0 {
		if err := refuseRoot(e.Name.Local); err != nil {
			return err
		}
	}
	now := xmlElement{name: strings.ToLower(e.Name.Local)}
	switch now.name {
	case "head", "header", "metadata", "meta", "info", "title":
		return markup.ErrSkip
	}
	var id, name string
	for _, a := range e.Attr {
		key := xmlKey(a.Name.Local)
		now.take(key, a.Value)
		switch key {
		case "id":
			id = a.Value
		case "name":
			name = a.Value
		case "lang":
			f.language = a.Value
		}
	}
	if now.name == "speaker" && id != "" && name != "" && len(f.speakers) < maxAgents {
		f.speakers[id] = name
	}
	f.open = append(f.open, now)
	return nil
}

// xmlKey is the name of a member, however it is written.
func xmlKey(name string) string {
	if strings.ContainsAny(name, "_-") {
		name = strings.ReplaceAll(strings.ReplaceAll(name, "_", ""), "-", "")
	}
	return strings.ToLower(name)
}

// take reads an attribute, or an element that stands for one.
func (l *xmlLine) take(key, value string) bool {
	switch key {
	case "start", "begin", "from", "starttime", "begintime", "timestart", "time", "timestamp", "timecode", "in":
		l.from = newXMLTime(value, false)
	case "t", "startms", "beginms", "starttimems":
		l.from = newXMLTime(value, true)
	case "end", "to", "stop", "endtime", "timeend", "out":
		l.to = newXMLTime(value, false)
	case "endms", "endtimems":
		l.to = newXMLTime(value, true)
	case "dur", "duration":
		l.to, l.lasts = newXMLTime(value, false), true
	case "d", "durms", "durationms":
		l.to, l.lasts = newXMLTime(value, true), true
	case "speaker", "who", "speakerid", "speakername", "participant", "voice", "agent", "author", "spk":
		l.who = strings.TrimSpace(value)
	default:
		return false
	}
	return true
}

// isPart recognises elements that are a part of a line, whatever time they
// have.
func (e *xmlElement) isPart() bool {
	switch e.name {
	case "s", "w", "word", "token", "tok", "span", "b", "i", "u", "font", "br":
		return true
	case "p", "line", "para", "paragraph", "utterance", "cue", "segment", "sentence", "turn":
		return false
	}
	return !e.from.ok && e.who == ""
}

func (f *xmlFile) end(xml.Name) error {
	n := len(f.open) - 1
	now := f.open[n]
	f.open[n] = xmlElement{} // or its words would be held
	f.open = f.open[:n]
	if n == 0 {
		return f.emit(&now)
	}
	up := &f.open[n-1]
	said := bytes.TrimSpace(now.said)
	switch {
	case len(said) == 0 && now.from.ok && !now.isPart(): // a milestone among the words
		until := up.to
		up.to = now.from
		err := f.emit(up)
		up.from, up.to = now.from, until
		return err
	case len(said) == 0:
		if now.name == "br" {
			up.said = append(up.said, '\n')
		}
	case n > 1 && len(said) <= maxName && up.take(xmlKey(now.name), string(said)):
	case n > 1 && now.isPart() && len(up.said) == 0:
		up.said = now.said
	case n > 1 && now.isPart():
		up.said = append(up.said, now.said...)
	default:
		if err := f.emit(up); err != nil {
			return err
		}
		if !now.from.ok {
			now.from, now.to, now.lasts = up.from, up.to, up.lasts
		}
		if now.who == "" {
			now.who = up.who
		}
		return f.emit(&now)
	}
	return nil
}

// emit ends a line.
func (f *xmlFile) emit(e *xmlElement) error {
	e.text = string(bytes.TrimSpace(e.said))
	e.said = e.said[:0]
	if e.text == "" {
		return nil
	}
	f.timed = f.timed || e.from.ok
	f.lines = append(f.lines, e.xmlLine)
	if len(f.lines) > turn.MaxPieces {
		return f.src.TooLarge()
	}
	return nil
}

func (f *xmlFile) chars(s string) error {
	if n := len(f.open); n > 0 {
		f.open[n-1].said = append(f.open[n-1].said, s...)
	}
	if f.size += int64(len(strings.TrimSpace(s))); f.size > f.src.Limit {
		return f.src.TooLarge()
	}
	return nil
}

// nameOf names a speaker, or the several of one line.
func (f *xmlFile) nameOf(who string) string {
	if f.speakers[who] != "" {
		return f.speakers[who]
	}
	var names []string
	for id := range strings.FieldsSeq(who) {
		if f.speakers[id] == "" {
			return who
		}
		names = append(names, f.speakers[id])
	}
	return strings.Join(names, ", ")
}

// cues gives every line its times: without one it follows the line before, and
// without an end it lasts until the next line.
func (f *xmlFile) cues() []cue {
	unit := unitOf(f.lines)
	cues := make([]cue, 0, len(f.lines))
	last := int64(0)
	for _, l := range f.lines {
		c := newCue(last, -1, "", l.text)
		if l.from.ok {
			c.start = l.from.ms(unit)
		}
		switch {
		case l.to.ok && l.lasts:
			c.end = c.start + l.to.ms(unit)
		case l.to.ok:
			c.end = l.to.ms(unit)
		}
		if n := len(cues); n > 0 && cues[n-1].end < 0 && c.start > cues[n-1].start {
			cues[n-1].end = c.start
		}
		for i := range c.voices {
			if l.who != "" {
				c.voices[i].name, c.voices[i].voiced = f.nameOf(l.who), true
			}
		}
		last = max(last, c.end, c.start)
		cues = append(cues, c)
	}
	return cues
}

// An xmlTime is a time in an XML file, whose unit may only show from all of
// them.
type xmlTime struct {
	ok    bool
	value float64
	unit  float64 // milliseconds; 0 for that of the file
	whole bool    // it has no fraction
}

// newXMLTime reads a clock string, a number with a unit, or a number of
// milliseconds or of the unit of the file.
func newXMLTime(s string, ms bool) xmlTime {
	s = strings.TrimSpace(s)
	if n := positive(s); n >= 0 {
		t := xmlTime{ok: true, value: n, whole: strings.Trim(s, "0123456789") == ""}
		if ms {
			t.unit = 1
		}
		return t
	}
	n, ok := ttmlRates{frames: 30, subFrames: 1, ticks: 1}.time(s)
	return xmlTime{ok: ok, value: float64(n), unit: 1}
}

func (t xmlTime) ms(unit float64) int64 {
	if t.unit > 0 {
		unit = t.unit
	}
	return int64(math.Round(min(t.value*unit, float64(turn.MaxMS+1))))
}

// unitOf is milliseconds where the numbers have no fractions and the lines
// would last minutes each, and seconds elsewhere.
func unitOf(lines []xmlLine) float64 {
	const long = 100 // as seconds
	sum, n, before := 0.0, 0, xmlTime{}
	for _, l := range lines {
		if !l.from.ok || l.from.unit > 0 {
			continue
		}
		if !l.from.whole {
			return 1000
		}
		switch {
		case l.to.ok && l.lasts:
			sum += l.to.value
			n++
		case l.to.ok && l.to.value > l.from.value:
			sum += l.to.value - l.from.value
			n++
		case before.ok && l.from.value > before.value:
			sum += l.from.value - before.value
			n++
		}
		before = l.from
	}
	if n > 0 && sum/float64(n) > long {
		return 1
	}
	return 1000
}

// strangeRoots are files of XML that people have and that are not read, by
// their first element in small letters: what they are, and what to do.
var strangeRoots = []struct{ root, is, do string }{
	{"error", "an XML error page of a storage service (such as AccessDenied) that was saved instead of a file", "Download the file again; its link may have expired."},
	{"errorresponse", "an XML error page of a service that was saved instead of a file", "Download the file again; its link may have expired."},
	{"listbucketresult", "an XML list of a storage service's files", "Download the transcript itself and upload that."},
	{"rss", "an XML feed (RSS)", "Upload the transcript that it links to."},
	{"feed", "an XML feed (Atom)", "Upload the transcript that it links to."},
	{"svg", "an image (SVG, which is XML)", "Upload the transcript as text."},
	{"plist", "a property list of macOS (XML)", "Export the transcript as text and upload that."},
	{"worddocument", "a Word document as XML", "Save it as .docx in Word and upload that."},
	{"package", "a Word document as XML", "Save it as .docx in Word and upload that."},
	{"workbook", "an Excel workbook as XML", "Save the sheet with the transcript as CSV and upload that."},
	{"fcpxml", "a project of Final Cut (XML)", "Export its captions as SRT or WebVTT and upload that."},
	{"xmeml", "a project of Premiere or Final Cut (XML)", "Export its captions as SRT or WebVTT and upload that."},
	{"annotation_document", "an annotation of ELAN (XML)", "Export it as SRT, tab-delimited text or TextGrid and upload that."},
	{"basic-transcription", "a transcription of EXMARaLDA (XML)", "Export it as text, SRT or TextGrid and upload that."},
	{"tei", "a text in TEI (XML)", "Export it as text, SRT or WebVTT and upload that."},
	{"mlt", "a project of Kdenlive or Shotcut (XML)", "Export its subtitles as SRT and upload that."},
	{"sami", "a caption file of Windows Media (SAMI)", "Convert it to SRT or WebVTT and upload that."},
}

// refuseRoot returns an error for a file that is no transcript by its first
// element.
func refuseRoot(name string) error {
	root := strings.ToLower(name)
	for _, part := range []string{"transcri", "timedtext", "subtitle", "caption", "dialog", "interview", "conversation", "lyrics"} {
		if strings.Contains(root, part) && root != "basic-transcription" {
			return nil
		}
	}
	if root == "trans" {
		return nil
	}
	for _, s := range strangeRoots {
		if root == s.root {
			return source.NewError(source.UnsupportedFormat, 0, "The file is "+s.is+". "+s.do)
		}
	}
	return source.NewError(source.UnsupportedFormat, 0, "The file is XML, but none of the transcripts in XML that are read (TTML, YouTube's timed text, <transcript>, Transcriber). Export it as SRT, WebVTT or text and upload that.")
}
