// LTI Platform Storage (lti-pm-s v0p1): notes kept for a tool, by its origin, with Canvas's limits and answers.
"use strict";
const PracticeStorage = (() => {
  const LARGEST = 4096;
  const MOST_KEYS = 500;
  const LATE_MS = 3000;
  const used = new Map(); // origin -> {keys, characters}, counted per page load as Canvas does

  function name(origin, key) {
    return `lti|platform_storage|${origin}|${key}`;
  }

  function failure(code, message) {
    return { error: { code, message } };
  }

  function put(origin, data) {
    if (data.value === null || data.value === undefined || data.value === "") {
      window.localStorage.removeItem(name(origin, data.key));
      return { key: data.key };
    }
    const value = String(data.value);
    const count = used.get(origin) || { keys: 0, characters: 0 };
    if (count.keys + 1 > MOST_KEYS) {
      return failure("storage_exhaustion", "Reached key limit for tool");
    }
    if (count.characters + String(data.key).length + value.length > LARGEST) {
      return failure("storage_exhaustion", "Reached byte limit for tool");
    }
    used.set(origin, { keys: count.keys + 1, characters: count.characters + String(data.key).length + value.length });
    window.localStorage.setItem(name(origin, data.key), value);
    return { key: data.key, value };
  }

  function get(origin, data) {
    return { key: data.key, value: window.localStorage.getItem(name(origin, data.key)) };
  }

  // Answers a storage message of a known origin, in the way that the switch says; true if it was one.
  function answer(event, origins, manner) {
    const data = event.data;
    if (!data || typeof data !== "object" || !["lti.put_data", "lti.get_data"].includes(data.subject)) {
      return false;
    }
    if (!origins.includes(event.origin) || !event.source || manner === "never") {
      return true;
    }
    let body;
    if (!data.message_id) {
      body = failure("bad_request", "Missing required 'message_id' field");
    } else if (!data.key) {
      body = failure("bad_request", "Missing required 'key' field");
    } else if (manner === "refuses") {
      body = failure("storage_exhaustion", "Reached key limit for tool");
    } else if (manner === "forgets" && data.subject === "lti.get_data") {
      body = { key: data.key, value: null };
    } else {
      body = data.subject === "lti.put_data" ? put(event.origin, data) : get(event.origin, data);
    }
    const reply = { subject: `${data.subject}.response`, ...body };
    if (data.message_id) {
      reply.message_id = data.message_id;
    }
    const send = () => event.source.postMessage(reply, event.origin);
    if (manner === "late") {
      setTimeout(send, LATE_MS);
    } else {
      send();
    }
    return true;
  }

  return { answer };
})();
