package transcript

// Reading says how a file was read (contract F1). Its JSON is what sessions
// and transcript documents show.
type Reading struct {
	Format     string    `json:"format"` // the container, as vtt or text
	Layout     string    `json:"layout"` // how names, times and words stand in it
	Encoding   string    `json:"encoding"`
	Engine     *string   `json:"engine"`   // whose export it is, where that can be told
	Speakers   []string  `json:"speakers"` // in the order of their first words, at most [MaxSpeakers]
	Timed      bool      `json:"timed"`
	Turns      int       `json:"turns"`
	PassedOver int       `json:"passed_over"` // lines that are nobody's speech
	Warnings   []Warning `json:"warnings"`
}

// Warning is something that a reader of the transcript should know.
type Warning struct {
	Code    string `json:"code"`
	Message string `json:"message"` // a sentence, without words of the transcript
	Line    *int   `json:"line"`    // from 1, where one line is to blame
}

// Codes of warnings.
const (
	NoSpeakers          = "no_speakers"
	NoTimes             = "no_times"
	RepeatedLines       = "repeated_lines"
	EncodingGuessed     = "encoding_guessed"
	TimesOfDay          = "times_of_day"
	TimesRepaired       = "times_repaired"
	LinesPassedOver     = "lines_passed_over"
	TurnsWithoutSpeaker = "turns_without_speaker"
	SpeakersByPart      = "speakers_by_part"
	CutOff              = "cut_off"
)

// MaxSpeakers is how many names a reading has at most.
const MaxSpeakers = 100

// Hint is what a client knows of a file before it is read (contract F1).
type Hint struct {
	Format Container `json:"format,omitempty"`
	// BCP 47, where the file does not say it.
	Language string `json:"language,omitempty" is:"..35 as:language"`
	// Names that are known to be speakers.
	Speakers []string `json:"speakers,omitempty" is:"..100 each nonblank line ..200"`
}
