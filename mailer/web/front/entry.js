// What the composer's own scripts take from libraries: see ../static/compose/rich/.
export { Editor, Extension, Mark, Node } from "@tiptap/core";
export { Bold } from "@tiptap/extension-bold";
export { Document } from "@tiptap/extension-document";
export { HardBreak } from "@tiptap/extension-hard-break";
export { Italic } from "@tiptap/extension-italic";
export { BulletList, ListItem, OrderedList } from "@tiptap/extension-list";
export { Paragraph } from "@tiptap/extension-paragraph";
export { Text } from "@tiptap/extension-text";
export { UndoRedo } from "@tiptap/extensions/undo-redo";
export { NodeSelection, Plugin, TextSelection } from "@tiptap/pm/state";
export { default as MarkdownIt } from "markdown-it";
export { MarkdownParser, MarkdownSerializer, MarkdownSerializerState } from "prosemirror-markdown";
