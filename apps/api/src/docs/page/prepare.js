// The renderer makes <style> elements and style attributes, which the page's policy refuses. Elements get the nonce of the
// page; attributes are set as properties, which a policy allows.
const nonce = document.querySelector('meta[property=csp-nonce]').content;

const createElement = document.createElement.bind(document);
document.createElement = (name, options) => {
  const element = createElement(name, options);
  if (element instanceof HTMLStyleElement) element.nonce = nonce;
  return element;
};

const setAttribute = Object.getOwnPropertyDescriptor(Element.prototype, 'setAttribute').value;
Element.prototype.setAttribute = function setAttributeAllowed(name, value) {
  if (name === 'style') this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

const innerHtml = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
Object.defineProperty(Element.prototype, 'innerHTML', {
  ...innerHtml,
  set(html) {
    innerHtml.set.call(this, String(html).replaceAll(/(<[^>]*\s)style=/g, '$1data-style='));
    const root = this instanceof HTMLTemplateElement ? this.content : this;
    for (const element of root.querySelectorAll('[data-style]')) {
      element.style.cssText = element.dataset.style;
      delete element.dataset.style;
    }
  },
});
