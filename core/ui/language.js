// Streamlit's document says lang="en" for ever; screen readers, hyphenation and line breaking go by it.
export default function ({ data }) {
  document.documentElement.lang = data.language;
}
