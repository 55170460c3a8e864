// What the page looks like from within: is anything wider than the window, is any text too faint?
(function () {
	function channel(v) {
		v /= 255;
		return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4);
	}
	function colour(text) {
		const m = text.match(/[\d.]+/g);
		return m === null ? [0, 0, 0, 0] : [+m[0], +m[1], +m[2], m.length > 3 ? +m[3] : 1];
	}
	function luminance(c) {
		return 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
	}
	function ground(e) {
		for (; e !== null; e = e.parentElement) {
			const c = colour(getComputedStyle(e).backgroundColor);
			if (c[3] === 1)
				return c;
		}
		return [255, 255, 255, 1];
	}
	function contrast(a, b) {
		const x = luminance(a), y = luminance(b);
		return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
	}
	const width = document.documentElement.clientWidth;
	let wide = 0, faint = 0, least = 21, texts = 0, first = '';
	for (const e of document.body.querySelectorAll('*')) {
		const box = e.getBoundingClientRect(), style = getComputedStyle(e);
		if (e.closest('script,thead,title') && width < 1024 || style.display === 'none' || box.width === 0)
			continue;
		if (box.right > width + 0.5 || box.left < -0.5 || (e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0)) {
			wide++;
			first = first || e.tagName + ' ' + e.className + ' ' + e.textContent.slice(0, 30);
		}
		if (!Array.from(e.childNodes).some(n => n.nodeType === 3 && n.data.trim() !== ''))
			continue;
		const text = colour(e.namespaceURI.endsWith('svg') ? style.fill : style.color);
		// In a chart a label may stand on the card only; elsewhere on what is behind it.
		const c = contrast(text, ground(e));
		texts++;
		least = Math.min(least, c);
		if (c < 4.5) {
			faint++;
			first = first || e.tagName + ' ' + e.className;
		}
	}
	const theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
	parent.postMessage('width ' + Math.max(width, document.documentElement.scrollWidth) + ' of ' + innerWidth + ', theme ' + theme + ', ' +
		wide + ' overflow, ' + faint + ' faint, least contrast ' + least.toFixed(2) + ' of ' + texts + ' texts ' + first, '*');
})();
