package format

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"testing"

	"griot/internal/transcript"
)

// zipOf packs files, given as name and text by turns.
func zipOf(files ...string) string {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err == nil {
			_, err = f.Write([]byte(files[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func gzipOf(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	w.Close()
	return b.String()
}

const (
	wordNS  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	wordRel = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="%s"/></Relationships>`
	styles  = `<w:styles ` + wordNS + `>
		<w:style w:type="paragraph" w:styleId="berschrift2"><w:name w:val="heading 2"/><w:rPr><w:b/></w:rPr></w:style>
		<w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Chapter"/><w:basedOn w:val="berschrift2"/></w:style>
		<w:style w:type="paragraph" w:styleId="Verz1"><w:name w:val="toc 1"/></w:style>
		<w:style w:type="character" w:styleId="Fett"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style></w:styles>`
)

func docx(body string) string {
	return zipOf("[Content_Types].xml", "<Types/>", "_rels/.rels", fmt.Sprintf(wordRel, "word/document.xml"),
		"word/styles.xml", styles, "word/media/avatar.png", "\x89PNG", "word/document.xml", "<w:document "+wordNS+"><w:body>"+body+"</w:body></w:document>")
}

// p is a paragraph, r a run in it, b a run in bold.
func p(runs ...string) string { return "<w:p>" + strings.Join(runs, "") + "</w:p>" }
func r(text string) string    { return `<w:r><w:t xml:space="preserve">` + text + "</w:t></w:r>" }
func b(text string) string {
	return `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">` + text + "</w:t></w:r>"
}

const newline = "<w:r><w:br/></w:r>"

func cell(paragraphs ...string) string { return "<w:tc>" + strings.Join(paragraphs, "") + "</w:tc>" }

func TestDOCX(t *testing.T) {
	headed := `<w:p><w:pPr><w:pStyle w:val="Kapitel"/></w:pPr>` + r("Wrap-up") + "</w:p>"
	check(t, DOCX, []rule{
		{"name and time in one paragraph with the words", docx(
			p(b("Ines Duarte"), r("   0:04"), newline, r("Good morning &amp; welcome.")) + p(b("Pavel"), r("   1:02:03"), newline, r("Thanks."))),
			[]string{"Ines Duarte|4000||Good morning & welcome.", "Pavel|3723000||Thanks."}},
		{"bold names", docx(p(b("Ines Duarte: "), r("Shall we?")) + p(b("Pavel:"), r(" We shall.")) + p(r("Now.")) + p(b("Ines Duarte:"), r(" Good."))),
			[]string{"Ines Duarte|||Shall we?", "Pavel|||We shall. Now.", "Ines Duarte|||Good."}},
		{"a name in pieces, with a bold style", docx(p(`<w:r><w:rPr><w:rStyle w:val="Fett"/></w:rPr><w:t>Ines</w:t></w:r>`, b(" Duarte:"), r(" A.")) + p(b("Pavel:"), `<w:r><w:rPr><w:b w:val="0"/></w:rPr><w:t xml:space="preserve"> B.</w:t></w:r>`)),
			[]string{"Ines Duarte|||A.", "Pavel|||B."}},
		{"a table of times, names and words", docx("<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>" +
			"<w:tr>" + cell(p(r("0:04"))) + cell(p(r("Ines Duarte"))) + cell(p(r("Good morning.")), p(r("All of you."))) + "</w:tr>" +
			"<w:tr>" + cell(p(r("0:09"))) + cell(p(r("Pavel"))) + cell(p(r("Thanks."))) + "</w:tr>" +
			"<w:tr>" + cell(p(r("0:12"))) + cell(p(r("Ines Duarte"))) + cell(p(r("Yes."))) + "</w:tr></w:tbl>"),
			[]string{"Ines Duarte|4000||Good morning. All of you.", "Pavel|9000||Thanks.", "Ines Duarte|12000||Yes."}},
		{"a table with headers, a cell that is empty, a tab in one", docx(p(r("Interview 7")) + "<w:tbl><w:tblGrid><w:gridCol/><w:gridCol/><w:gridCol/></w:tblGrid>" +
			"<w:tr>" + cell(p(r("Speaker"))) + cell(p(r("Start"))) + cell(p(r("Transcript"))) + "</w:tr>" +
			"<w:tr>" + cell(p(r("ID 07"))) + cell(p(r("00:00:04"))) + cell(p(r("Good"), "<w:r><w:tab/></w:r>", r("morning."))) + "</w:tr>" +
			"<w:tr>" + cell(p()) + cell(p(r("00:00:07"))) + cell(p(r("All of you."))) + "</w:tr>" +
			"<w:tr>" + cell(p(r("Moderator"))) + cell(p(r("00:00:09"))) + cell(p(r("Thanks."))) + "</w:tr></w:tbl>"),
			[]string{"ID 07|4000||Good morning.", "ID 07|7000||All of you.", "Moderator|9000||Thanks."}},
		{"a table of one column is a frame", docx("<w:tbl><w:tblGrid><w:gridCol/></w:tblGrid><w:tr>" + cell(p(r("Ines: A.")), p(r("Pavel: B.")), p(r("Ines: C."))) + "</w:tr></w:tbl>"),
			[]string{"Ines|||A.", "Pavel|||B.", "Ines|||C."}},
		{"what is no text of it", docx(p(r("Ines: A"), `<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>`, `<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom>`,
			`<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>`, `<w:r><w:instrText>PAGE</w:instrText></w:r>`, r(" b.")) +
			`<w:p><w:pPr><w:pStyle w:val="Verz1"/></w:pPr>` + r("Contents") + "</w:p>" + p(r("Pavel: C"), `<w:r><w:noBreakHyphen/></w:r>`, r("d.")) + p(r("Ines: E."))),
			[]string{"Ines|||A b.", "Pavel|||C-d.", "Ines|||E."}},
		{"a heading of a style that is based on one is nobody's", docx(p(r("Ines: A.")) + p(r("Pavel: B.")) + headed + p(r("Ines: C."))),
			[]string{"Ines|||A.", "Pavel|||B.", "Ines|||C."}},
		{"a main part of another name, strict", zipOf("[Content_Types].xml", "<Types/>", "_rels/.rels", fmt.Sprintf(wordRel, "/word/document2.xml"), "word/document2.xml",
			`<d:document xmlns:d="http://purl.oclc.org/ooxml/wordprocessingml/main"><d:body><d:p><d:r><d:t>Ines: A.</d:t></d:r></d:p><d:p><d:r><d:t>Pavel: B.</d:t></d:r></d:p></d:body></d:document>`),
			[]string{"Ines|||A.", "Pavel|||B."}},
		{"in gzip", gzipOf(docx(p(r("Ines: A.")) + p(r("Pavel: B.")))), []string{"Ines|||A.", "Pavel|||B."}},
		{"in zip", zipOf("__MACOSX/._a.docx", "x", "talk/", "", "talk/a.docx", docx(p(r("Ines: A."))+p(r("Pavel: B.")))), []string{"Ines|||A.", "Pavel|||B."}},
	})
}

const odtNS = `xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" ` +
	`xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"`

const odtStyles = `<office:automatic-styles><style:style style:name="T1" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>
	<style:style style:name="T2" style:family="text"><style:text-properties text:display="none"/></style:style></office:automatic-styles>`

func odt(body string) string {
	return zipOf("mimetype", "application/vnd.oasis.opendocument.text", "META-INF/manifest.xml", "<manifest/>",
		"content.xml", "<office:document-content "+odtNS+">"+odtStyles+"<office:body><office:text>"+body+"</office:text></office:body></office:document-content>")
}

func TestODT(t *testing.T) {
	check(t, ODT, []rule{
		{"bold names, white space", odt("<text:h text:outline-level=\"1\">Talk</text:h>\n<text:p><text:span text:style-name=\"T1\">Ines\n   Duarte:</text:span> Shall<text:s text:c=\"3\"/>we?</text:p>\n" +
			`<text:p><text:span text:style-name="T1">Pavel:</text:span> We<text:note><text:p>note</text:p></text:note> shall.<text:line-break/>Now.</text:p><text:p/><text:p>Ines Duarte: Yes.<text:span text:style-name="T2">hidden</text:span></text:p>`),
			[]string{"Ines Duarte|||Shall   we?", "Pavel|||We shall. Now. Ines Duarte: Yes."}},
		{"a list and tabs", odt(`<text:list><text:list-item><text:p>Ines<text:tab/>A.</text:p></text:list-item><text:list-item><text:p>Pavel<text:tab/>B.</text:p></text:list-item><text:list-item><text:p>Ines<text:tab/>C.</text:p></text:list-item></text:list>`),
			[]string{"Ines|||A.", "Pavel|||B.", "Ines|||C."}},
		{"a table", odt(`<table:table><table:table-column table:number-columns-repeated="2"/><table:table-row><table:table-cell><text:p>Ines</text:p></table:table-cell><table:table-cell><text:p>A.</text:p></table:table-cell></table:table-row>` +
			`<table:table-row><table:table-cell><text:p>Pavel</text:p></table:table-cell><table:table-cell><text:p>B.</text:p></table:table-cell></table:table-row>` +
			`<table:table-row><table:table-cell><text:p>Ines</text:p></table:table-cell><table:table-cell><text:p>C.</text:p></table:table-cell></table:table-row></table:table>`),
			[]string{"Ines|||A.", "Pavel|||B.", "Ines|||C."}},
		{"one file of XML", `<?xml version="1.0"?><office:document ` + odtNS + ` office:mimetype="application/vnd.oasis.opendocument.text"><office:meta>Me</office:meta>` + odtStyles +
			`<office:body><office:text><text:p>Ines: A.</text:p><text:p>Pavel: B.</text:p></office:text></office:body></office:document>`,
			[]string{"Ines|||A.", "Pavel|||B."}},
	})
}

func TestPackedText(t *testing.T) {
	const talk = "Ines: A.\nPavel: B.\n"
	want := []string{"Ines|||A.", "Pavel|||B."}
	check(t, Text, []rule{
		{"gzip", gzipOf(talk), want},
		{"two gzip members", gzipOf("Ines: A.\n") + gzipOf("Pavel: B.\n"), want},
		{"gzip of UTF-16", gzipOf("\xff\xfeI\x00n\x00e\x00s\x00:\x00 \x00A\x00.\x00"), []string{"Ines|||A."}},
		{"zip of one file", zipOf("talk.txt", talk), want},
		{"zip of one file in a folder, and litter", zipOf("talk/", "", "talk/.DS_Store", "x", "talk/talk.txt", talk, "Thumbs.db", "x"), want},
	})
}

// Whoever uploads what is not read is told what it is.
func TestRefusedByName(t *testing.T) {
	for _, r := range []struct{ name, in, says string }{
		{"PDF", "%PDF-1.7\n%\xe2\xe3\n1 0 obj", "a PDF"},
		{"PDF below a line", "HTTP junk\n%PDF-1.4\n1 0 obj", "a PDF"},
		{"PDF in gzip", gzipOf("%PDF-1.4\n1 0 obj"), "a PDF"},
		{"old Word", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), ".doc"},
		{"RTF", "\ufeff{\\rtf1\\ansi Ines: A.}", "RTF"},
		{"Excel", zipOf("[Content_Types].xml", "<Types/>", "xl/workbook.xml", "<workbook/>"), "Excel"},
		{"PowerPoint", zipOf("[Content_Types].xml", "<Types/>", "ppt/presentation.xml", "<p/>"), "PowerPoint"},
		{"e-book", zipOf("mimetype", "application/epub+zip", "META-INF/container.xml", "<c/>", "a.xhtml", "<p>Hi</p>"), "EPUB"},
		{"LibreOffice's sheet", zipOf("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<x/>"), ".ods"},
		{"OpenDocument with a password", zipOf("mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "\x01\x02", "META-INF/manifest.xml", "<manifest><file-entry><encryption-data/></file-entry></manifest>"), "password"},
		{"Word without its text", zipOf("[Content_Types].xml", "<Types/>", "word/styles.xml", styles), "Word document"},
		{"several files", zipOf("a.vtt", "WEBVTT", "b.vtt", "WEBVTT"), "zip archive of 2 files"},
		{"no file", zipOf(), "zip archive of 0 files"},
		{"zip in zip", zipOf("a.zip", zipOf("a.txt", "Ines: A.")), "more than once"},
		{"gzip in gzip", gzipOf(gzipOf("Ines: A.")), "more than once"},
		{"zip in gzip", gzipOf(zipOf("a.txt", "Ines: A.")), "more than once"},
		{"gzip in zip", zipOf("a.gz", gzipOf("Ines: A.")), "more than once"},
		{"recording in zip", zipOf("a.wav", "RIFF\x24\x08\x00\x00WAVEfmt "), "recording (wav) in a zip archive"},
		{"recording in gzip", gzipOf("OggS\x00\x02"), "recording (ogg) in a gzip file"},
		{"tar in gzip", gzipOf(strings.Repeat("a", 257) + "ustar\x0000"), "tar archive"},
		{"xz", "\xfd7zXZ\x00\x00", "xz"},
		{"RAR", "Rar!\x1a\x07\x01\x00", "RAR"},
		{"7-Zip", "7z\xbc\xaf\x27\x1c", "7-Zip"},
		{"image", "\x89PNG\r\n\x1a\n\x00", "PNG"},
		{"photo", "\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"},
		{"iPhone's photo", "\x00\x00\x00\x24ftypheic\x00\x00", "HEIC"},
		{"AVI", "RIFF\x24\x08\x00\x00AVI LIST", "AVI"},
		{"WMA", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "Windows Media"},
		{"AU", ".snd\x00\x00\x00\x20\x00", "Sun audio"},
		{"MP2", "\xff\xfd\x94\x00\x00", "MP2"},
		{"transport stream", strings.Repeat("G"+strings.Repeat("\x01", 187), 8), "MPEG-TS"},
		{"dictation", "\x02dss\x00\x00", "DSS"},
		{"S3's error", `<?xml version="1.0"?><Error><Code>NoSuchKey</Code><Message>The key does not exist.</Message></Error>`, "error page"},
		{"feed", `<?xml version="1.0"?><rss version="2.0"><channel><title>Talk</title></channel></rss>`, "RSS"},
		{"other XML", `<catalog><book id="1"><title>A talk</title></book></catalog>`, "XML"},
		{"error page", "<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1><p>You have no access.</p></body></html>", "error page"},
		{"login", "<!doctype html><title>Minutes</title><form><p>E-mail <input name=a><p>Password <input type=password></form>", "sign in"},
		{"page of scripts", "<!doctype html><div id=root></div><script>run()</script>", "scripts"},
	} {
		t.Run(r.name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(r.in), MaxText, transcript.Hint{})
			wantCode(t, err, UnsupportedFormat)
			if err != nil && (!strings.Contains(err.Error(), r.says) || !strings.HasSuffix(err.Error(), ".")) {
				t.Errorf("%q does not say %q", err, r.says)
			}
		})
	}
}

func TestDamagedArchives(t *testing.T) {
	packed, word := gzipOf(strings.Repeat("Ines: A good deal of words.\n", 100)), docx(p(r("Ines: A.")))
	checkFailing(t, []failing{
		{"gzip that was cut off", packed[:len(packed)-9], ParseError, 0},
		{"gzip with a bad sum", packed[:len(packed)-8] + "\x00\x00\x00\x00\x00\x00\x00\x00", ParseError, 0},
		{"zip that was cut off", word[:len(word)-30], ParseError, 0},
		{"not XML", zipOf("[Content_Types].xml", "", "word/document.xml", "<w:p"), ParseError, 1},
		{"no words", docx(p(r(" "))), EmptyTranscript, 0},
	})
}

// However small a file is packed, it takes neither memory nor time without end.
func TestBombs(t *testing.T) {
	const limit = 1 << 16
	zeros := strings.Repeat("<w:p><w:r><w:t>aaaaaaaa </w:t></w:r></w:p>", 100_000)
	many := make([]string, 0, 20_000)
	for n := range 10_000 {
		many = append(many, fmt.Sprint(n), "")
	}
	for _, r := range []struct{ name, in, code string }{
		{"gzip", gzipOf(strings.Repeat("Ines: A.\n", 1<<20)), TooLarge},
		{"gzip of white space in JSON", gzipOf("{" + strings.Repeat(" ", 64<<20)), TooLarge},
		{"zip", zipOf("a.txt", strings.Repeat("Ines: A.\n", 1<<20)), TooLarge},
		{"text in Word", docx(zeros), TooLarge},
		{"markup in Word", docx(strings.Repeat("<w:p/>", 1<<20)), TooLarge},
		{"styles in Word", zipOf("[Content_Types].xml", "", "word/styles.xml", "<a>"+strings.Repeat("<b/>", 1<<20), "word/document.xml", "<a/>"), TooLarge},
		{"entries", zipOf(many...), TooLarge},
		{"nesting", docx(strings.Repeat("<w:tbl>", 10_000)), ParseError},
		{"attributes", docx("<w:p " + strings.Repeat("a='' ", 100_000) + "/>"), ParseError},
		{"entities", `<!DOCTYPE transcript [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><transcript><text start="1">` + strings.Repeat("&b;", 1000) + "</text></transcript>", ""},
	} {
		t.Run(r.name, func(t *testing.T) {
			parsed, err := Parse(strings.NewReader(r.in), limit, transcript.Hint{})
			if r.code != "" {
				wantCode(t, err, r.code)
			} else if err != nil || len(parsed.Turns) != 1 || len(parsed.Turns[0].Text) > 4000 {
				t.Errorf("%v", err)
			}
		})
	}
}

// What a table says it unpacks to is not believed.
func TestLyingSizes(t *testing.T) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, err := w.CreateRaw(&zip.FileHeader{Name: "a.txt", Method: zip.Store, CompressedSize64: 9, UncompressedSize64: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	f.Write([]byte("Ines: A.\n"))
	w.Close()
	_, err = Parse(&out, MaxText, transcript.Hint{})
	wantCode(t, err, ParseError)
}
