/* Photos go without this, all with the form. With it each goes ahead by itself, one after the other: its preview, how far
   it is, cancel and try again; what is wrong is said beside it. All words stand in templates/media_store/_upload.html. */
(() => {
  "use strict";

  const uploader = (box) => {
    const words = box.dataset;
    const form = box.closest("form");
    const input = box.querySelector("input[type=file]");
    const list = box.querySelector(".upload__files");
    const told = box.querySelector("[role=status]");
    const choices = box.closest("fieldset")?.querySelector("[data-choices]");
    const finished = box.querySelector("[data-finished]");
    const send = form.querySelector("[data-send]");
    let files = [];
    let leaving = null;

    if (send) send.hidden = true; // nothing is left to send

    const under = () => files.filter((file) => file.state === "waiting" || file.state === "sending");

    const say = (file, state, text) => {
      file.state = state;
      file.row.dataset.state = state;
      file.row.querySelector("[data-told]").textContent = text;
      file.row.querySelector("progress").hidden = state !== "waiting" && state !== "sending";
      file.row.querySelector("[data-cancel]").hidden = state !== "waiting" && state !== "sending";
      file.row.querySelector("[data-retry]").hidden = state !== "failed" && state !== "cancelled";
      if (state === "failed" || state === "refused") told.textContent = `${file.blob.name}: ${text}`;
    };

    const choose = (photo) => {
      const known = [...choices.querySelectorAll("input")].find((one) => one.value === photo.photoid);
      if (known) {
        known.checked = true;
        return;
      }
      const item = form.querySelector("template[data-choice]").content.cloneNode(true);
      const box = item.querySelector("input");
      box.value = photo.photoid;
      box.checked = true;
      item.querySelector("img").alt = photo.filename;
      item.querySelector("img").src = photo.small;
      const others = [...choices.children].find((one) => !one.querySelector("input").checked);
      choices.insertBefore(item, others ?? null); // behind those chosen before
    };

    const leave = () => {
      const { submitter } = leaving;
      leaving = null;
      if (!files.some((file) => file.state === "failed" || file.state === "refused")) form.requestSubmit(submitter);
    };

    const next = () => {
      if (files.some((file) => file.state === "sending")) return;
      const waiting = files.find((file) => file.state === "waiting");
      if (waiting) start(waiting);
      else if (leaving) leave();
      else if (finished && files.some((file) => file.state === "kept")) {
        if (files.every((file) => file.state === "kept")) window.location.assign(words.done);
        else finished.hidden = false;
      }
    };

    const answered = (file) => {
      const { request } = file;
      let answer = null;
      try {
        answer = JSON.parse(request.responseText);
      } catch {
        // a page of the site
      }
      if (answer?.photos?.length) {
        say(file, "kept", words.kept);
        const all = files.length;
        const kept = files.filter((one) => one.state === "kept").length;
        told.textContent = words.progress.replace("{all}", all).replace("{kept}", kept);
        if (choices) {
          choose(answer.photos[0]);
          file.row.remove();
        }
      } else if (answer?.refused?.length) say(file, request.status === 429 ? "failed" : "refused", answer.refused[0]);
      else if (request.status === 200) say(file, "failed", words.signedOut); // it was sent on to the page for signing in
      else say(file, "failed", words.failed);
      next();
    };

    const start = (file) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("photos", file.blob, file.blob.name);
      file.request = request;
      say(file, "sending", words.sending);
      const bar = file.row.querySelector("progress");
      bar.setAttribute("value", "0");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
      });
      request.addEventListener("load", () => answered(file));
      request.addEventListener("error", () => {
        say(file, "failed", words.failed);
        next();
      });
      request.addEventListener("abort", () => {
        say(file, "cancelled", words.cancelled);
        next();
      });
      request.open("POST", words.upload);
      request.setRequestHeader("Accept", "application/json");
      request.send(body);
    };

    const preview = async (file) => {
      try {
        const picture = await createImageBitmap(file.blob, { resizeWidth: 96, resizeQuality: "medium" });
        const canvas = file.row.querySelector("canvas");
        const side = Math.min(picture.width, picture.height);
        const left = (picture.width - side) / 2;
        canvas.getContext("2d").drawImage(picture, left, (picture.height - side) / 2, side, side, 0, 0, 96, 96);
      } catch {
        // what the browser cannot show (HEIC), the site can
      }
    };

    const take = (blob) => {
      const row = box.querySelector("template[data-file]").content.firstElementChild.cloneNode(true);
      const file = { blob, row, state: "waiting", request: null };
      row.querySelector("[data-name]").textContent = blob.name;
      row.querySelector("progress").setAttribute("aria-label", blob.name);
      for (const name of row.querySelectorAll("[data-of]")) name.textContent = blob.name;
      row.querySelector("[data-cancel]").addEventListener("click", () => {
        if (file.state === "sending") file.request.abort();
        else {
          say(file, "cancelled", words.cancelled);
          next();
        }
      });
      row.querySelector("[data-retry]").addEventListener("click", () => {
        const [, token] = /(?:^|[ -])csrftoken=([^;]+)/.exec(document.cookie) ?? [];
        if (token) form.elements.csrfmiddlewaretoken.value = token; // a new one, for who has signed in again meanwhile
        say(file, "waiting", words.waiting);
        next();
      });
      list.append(row);
      list.hidden = false;
      files.push(file);
      if (blob.size > Number(words.mostBytes)) say(file, "refused", words.tooLarge);
      else {
        say(file, "waiting", words.waiting);
        preview(file);
      }
    };

    input.addEventListener("change", () => {
      if (!under().length) {
        files = files.filter((file) => file.state !== "kept" && file.row.isConnected);
      }
      for (const blob of [...input.files]) take(blob);
      input.value = "";
      next();
    });

    form.addEventListener("submit", (event) => {
      if (!under().length) return;
      event.preventDefault();
      leaving = { submitter: event.submitter };
      told.textContent = words.leaving;
    });
  };

  for (const box of document.querySelectorAll("[data-upload]")) uploader(box);
})();
