// Says above the question box why a question was not taken. Gradio would say it in
// English, in a corner; tools.css hides that while there are words of ours.
"use strict";
{
  const fetchAnything = window.fetch;
  const FULL = 503;

  const isQuestion = (request) =>
    new URL(request.url ?? request, location.href).pathname.endsWith("/queue/join");

  function complain(words) {
    const place = document.getElementById("not-asked");
    if (place) place.textContent = words;
  }

  window.fetch = async (request, options) => {
    if (!isQuestion(request)) return fetchAnything(request, options);
    complain("");
    try {
      const response = await fetchAnything(request, options);
      if (!response.ok) complain(response.status === FULL ? guillemets.busy : guillemets.failed);
      return response;
    } catch (error) {
      complain(guillemets.notSent);
      throw error;
    }
  };
}
