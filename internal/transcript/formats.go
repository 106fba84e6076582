package transcript

// A Format is a container that transcripts are read from.
type Format struct {
	Name  string // as readings and hints have it (contract F1)
	Title string // as people write it
}

// Formats are all of them. A hint may name each; package format has their
// readers, and a test there holds the two and the OpenAPI document together.
var Formats = []Format{
	{"vtt", "WebVTT"},
	{"srt", "SRT"},
	{"ttml", "TTML"},
	{"sbv", "SBV"},
	{"ass", "SubStation Alpha"},
	{"lrc", "LRC"},
	{"microdvd", "MicroDVD"},
	{"mpl2", "MPL2"},
	{"textgrid", "Praat TextGrid"},
	{"json", "JSON"},
	{"csv", "CSV"},
	{"tsv", "TSV"},
	{"docx", "Word .docx"},
	{"odt", "OpenDocument .odt"},
	{"html", "HTML"},
	{"xml", "XML of transcripts"},
	{"markdown", "Markdown"},
	{"text", "plain text"},
}

// Container is the kind of file that a transcript is read from.
type Container string

// Values returns the kinds.
func (Container) Values() []string { return FormatNames() }

// FormatNames are the names of all [Formats].
func FormatNames() []string {
	names := make([]string, len(Formats))
	for i, f := range Formats {
		names[i] = f.Name
	}
	return names
}

// FormatTitle returns the title of the format with that name, or "".
func FormatTitle(name string) string {
	for _, f := range Formats {
		if f.Name == name {
			return f.Title
		}
	}
	return ""
}
