package transcript

// Reading says how a file was read (contract F1). Its JSON is what sessions
// and transcript documents show.
type Reading struct {
	Format Container `json:"format"`
	// How names, times and words stand in the file: `voice` (tags of WebVTT),
	// `name_colon`, `name_on_change` (captions that name the speaker only when
	// it changes), `name_time_line`, `time_name_line`, `time_line_name_line`,
	// `name_line_time_line`, `name_line`, `name_bracket`, `name_tab`,
	// `question_answer`, `dated_chat`, `time_words`, `time_line`, `change_marks`
	// (`>>`), `dialogue` (dashes), `prose`, `table` (columns), `tiers` (of
	// annotations); of JSON `segments`, `words` (put together to turns here),
	// `messages` of a chat, `text` without times.
	Layout string `json:"layout"`
	// `utf-8`, `utf-16le`, `utf-16be`; else the one of `windows-1252`,
	// `windows-1251`, `shift_jis`, `euc-kr` and `gb18030` that explains the bytes
	// best by letters and words (`encoding_guessed`); of XML and HTML also what
	// the file says.
	Encoding string `json:"encoding"`
	// Whose export it is, where that can be told: `amazon_call_analytics`,
	// `amazon_contact_lens`, `amazon_transcribe`, `assemblyai`, `azure`,
	// `deepgram`, `elevenlabs`, `fireflies`, `gladia`, `gong`, `google`,
	// `google_meet`, `griot`, `happyscribe`, `openai`, `otranscribe`, `otter`,
	// `parakeet`, `podcasting20`, `read`, `recall`, `rev`, `slack`, `soniox`,
	// `speechmatics`, `teams`, `telegram`, `transformers`, `vexa`, `vosk`,
	// `watson`, `whisper`, `whisper.cpp`, `whisperx`, `youtube`. What has the
	// shape of many is nobody's.
	Engine *string `json:"engine"`
	// In the order of their first words.
	Speakers []string `json:"speakers" is:"..100"`
	// Whether some turn has a time.
	Timed bool `json:"timed"`
	Turns int  `json:"turns"`
	// Lines that are nobody's speech: notices, headers, stage directions.
	PassedOver int       `json:"passed_over"`
	Warnings   []Warning `json:"warnings"`
}

// Warning is something that a reader of the transcript should know.
type Warning struct {
	Code    string `json:"code" is:"of:no_speakers|no_times|repeated_lines|encoding_guessed|times_of_day|times_repaired|lines_passed_over|turns_without_speaker|speakers_by_part|cut_off"`
	Message string `json:"message"` // a sentence, without words of the transcript
	// From 1, where one line is to blame.
	Line *int `json:"line"`
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
