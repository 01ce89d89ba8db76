// The composer: everything here only does sooner what the page's own forms do.
import { watchBlocks } from "./blocks.js";
import { watchDragging } from "./dragging.js";
import { createInserting } from "./inserting.js";
import { watchMerging } from "./merging.js";
import { watchPasting } from "./pasting.js";
import { watchPreview } from "./preview.js";
import { watchPresence } from "./presence.js";
import { watchRich } from "./rich.js";
import { startSaving } from "./saving.js";
import { watchText } from "./text.js";
import { watchTypography } from "./typography.js";

const form = document.getElementById("lettre");
document.documentElement.classList.add("js");
const inserting = createInserting(document.getElementById("champ"));
watchRich(form, inserting);
const preview = watchPreview(form);
const saving = startSaving(form, { onSaved: () => preview.refresh(), onMerged: () => merging.later() });
const blocks = watchBlocks(form, saving, preview);
const merging = watchMerging(form, saving, blocks);
watchDragging(form, blocks);
watchText(form, inserting);
watchPasting(form);
watchTypography(form);
watchPresence(form, saving, merging);
preview.showChecks();
saving.recover();
